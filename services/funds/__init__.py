"""衔接资金: where each yuan came from, what it was planned and contracted for, and whom it was paid to.

This service owns the ledger of funds by level, source and project, batches, the project library, plans, contracts,
payments, performance, disclosure, and small credit. It keeps the people whom monitoring registers, and tells others of
projects accepted and settled, of payments, and of loans that are overdue.
It carries no business yet: what is here is the service's frame, its contract, and its projection of people.
"""
