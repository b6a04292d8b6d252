-- The key that a refresh token family or a code is bound to (RFC 9449 §5, §10), as RFC 7638 thumbprint; empty: to none.
alter table refresh_token_families add column dpop_jkt text not null default '';
alter table authorization_codes add column dpop_jkt text not null default '';
