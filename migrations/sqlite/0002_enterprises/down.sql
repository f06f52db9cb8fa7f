DROP TABLE fact;
DROP TABLE fact_batch;
DROP TABLE enterprise;
