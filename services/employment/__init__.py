"""脱贫人口稳岗就业: who can work, who works where for how much, and which posts, trips and subsidies help.

This service owns the labour base and its five registers, vacancies, training, workshops, public posts, trips, subsidies
and talents. It keeps the people whom monitoring registers, hears from assets what posts may cost, and tells others of
spells of work, of each month's wage, and of subsidies paid.
It carries no business yet: what is here is the service's frame, its contract, and its projection of people.
"""
