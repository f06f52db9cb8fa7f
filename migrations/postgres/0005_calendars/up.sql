-- What is announced for everyone: loan prime rates and the working-day calendar.

CREATE TABLE lpr (
    announced_on DATE NOT NULL PRIMARY KEY,
    one_year_bp BIGINT NOT NULL,
    five_year_bp BIGINT NOT NULL
);

-- Weekends are not listed: a holiday is a weekday off, a workday a weekend day worked instead.
CREATE TABLE holiday (
    day DATE NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('holiday', 'workday')),
    name TEXT NOT NULL
);
