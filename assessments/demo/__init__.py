"""The demo: a fictional ministry, built through the services as people would have worked.

``data/`` holds what is told (units, people, figures, texts, documents), the modules how it is
told; ``build.seed_demo`` is the door. Nothing here exists outside a demo.
"""
