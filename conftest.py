"""Loads the test harness for everything in this tree, the tests of plugins too."""

pytest_plugins = ["tests.helpers.plugin"]
