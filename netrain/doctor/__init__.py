"""What is wrong with a table, told before any epoch."""

from netrain.doctor.examine import examine
from netrain.doctor.patient import Patient, patient_of
from netrain.doctor.started import trained_on

__all__ = ["Patient", "examine", "patient_of", "trained_on"]
