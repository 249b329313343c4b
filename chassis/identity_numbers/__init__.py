"""Read the numbers that name a person, a unit or a telephone, and never show more of them than the mask.

A number is checked once, where it enters, and is a value from then on: equal by its digits, silent in ``repr`` and in
errors. Every fault of a text is reported, each with its own code. Which county a number was issued in is no fault:
counties come and go, and the register holds numbers of all of them, so that is for the caller to doubt.
"""

from chassis.identity_numbers.faults import (
    CreditCodeFault,
    DisabilityNumberFault,
    IdentityNumberFault,
    NumberFault,
    PhoneFault,
)
from chassis.identity_numbers.fields import CreditCodeField, DisabilityNumberField, IdentityNumberField, PhoneField
from chassis.identity_numbers.persons import DisabilityNumber, IdentityNumber
from chassis.identity_numbers.phones import Phone
from chassis.identity_numbers.units import UnifiedSocialCreditCode

__all__ = [
    "CreditCodeFault",
    "CreditCodeField",
    "DisabilityNumber",
    "DisabilityNumberFault",
    "DisabilityNumberField",
    "IdentityNumber",
    "IdentityNumberFault",
    "IdentityNumberField",
    "NumberFault",
    "Phone",
    "PhoneFault",
    "PhoneField",
    "UnifiedSocialCreditCode",
]
