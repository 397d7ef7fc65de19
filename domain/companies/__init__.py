"""Who sells and who is invoiced: admin companies, companies, plans, integrations."""
