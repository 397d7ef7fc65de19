"""How the world gets in: settings, the command line and the roles of the fleet."""
