"""防返贫动态监测: the registry of people, what departments know of them, and the clues and cases that follow.

This service owns divisions and officers, households and persons with their history, income statements and monitoring
lines; the files of the departments, the screening rules and their runs; clues, cases, measures and visits; villages.
It is the one registry: the other services keep a projection of its events and never write a person.
Of other services it hears wages, dividends, subsidies and overdue loans, as income lines and inputs of its rules.
"""
