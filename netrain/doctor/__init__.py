"""What is wrong with a table, told before any epoch."""

from netrain.doctor.examine import examine
from netrain.doctor.patient import Patient, patient_of

__all__ = ["Patient", "examine", "patient_of"]
