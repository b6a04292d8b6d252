-- Rows of one audience stand in the order of their making: new ones go to the end of a few places, so this costs the indexer little.
create index log_index_by_audience on log_index (tenant_id, audience, log_row_id);
