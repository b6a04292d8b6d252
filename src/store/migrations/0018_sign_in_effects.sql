-- What the Actions of a sign-in want of the tokens that its code will be exchanged for, as JSON. Empty: nothing.
alter table authorization_codes add column effects text not null default '';
