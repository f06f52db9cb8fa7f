DROP TABLE profile_access;
DROP TABLE referral;
DROP TABLE consent_fact;
DROP TABLE consent;
DROP TABLE authorisation_owner;
DROP TABLE authorisation;
