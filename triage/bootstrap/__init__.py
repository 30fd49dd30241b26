"""Settings to services: the only place that names concrete adapters.

Split by what a command needs, so that searching never imports a database and nothing imports torch without need.
"""
