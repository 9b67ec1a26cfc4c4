-- How far the summaries of receipts have come: a book's numbers are taken in
-- order and without gaps, so its last one says it all.

ALTER TABLE receipt_summary
	ADD COLUMN year    smallint NOT NULL CHECK (year BETWEEN 2020 AND 9999),
	ADD COLUMN last    integer  NOT NULL CHECK (last BETWEEN 1 AND 99999999);
COMMENT ON COLUMN receipt_summary.last IS 'The last number of that year that it tells of; the next one begins behind it.';
CREATE UNIQUE INDEX receipt_summary_mark ON receipt_summary (tenant_id, book_id, year, last);
