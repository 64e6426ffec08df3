"""What a training went through, told when it is done."""

from netrain.advice.course import Course, course_of
from netrain.advice.diagnose import advise, diagnose

__all__ = ["Course", "advise", "course_of", "diagnose"]
