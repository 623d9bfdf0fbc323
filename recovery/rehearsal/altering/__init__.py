"""What happens to a tenant: attack scripts, ordinary days, objects that come and go while a client pages."""
