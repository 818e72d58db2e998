"""The story: a year of one health-tech start-up's sales, told in the rows of the demo org."""

from demo_org.story.filling import fill

__all__ = ["fill"]
