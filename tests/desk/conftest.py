from tests.portal.conftest import statements  # noqa: F401  the same counting
