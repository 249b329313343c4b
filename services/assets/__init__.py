"""扶贫项目资产台账: what public money built or bought, whose it is, who runs it, and who gets its income.

This service owns the ledger of assets with their rights, operators, upkeep, income and its distribution, disposals and
inspections. It hears of projects and payments from funds, keeps the people whom monitoring registers, and tells others
of assets, of each household's share of income, and of the wages that an asset's income may pay.
It carries no business yet: what is here is the service's frame, its contract, and its projection of people.
"""
