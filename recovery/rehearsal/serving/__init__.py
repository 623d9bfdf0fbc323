"""The tenant as a server: login authority, Graph and controls on HTTPS, in this process or in one of its own."""
