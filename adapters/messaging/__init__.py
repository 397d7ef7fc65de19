"""RabbitMQ: the intake of order messages, and hints to workers through Dramatiq. No state of ours lives here."""
