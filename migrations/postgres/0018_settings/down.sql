DROP TABLE setting_version;
