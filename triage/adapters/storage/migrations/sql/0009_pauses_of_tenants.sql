-- Each tenant's ways out rest apart. A pause that is in force now is forgotten: the next reply finds out.
DROP TABLE sending_pause;

CREATE TABLE sending_pauses (
    tenant text NOT NULL,
    way text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    because text NOT NULL,
    PRIMARY KEY (tenant, way)
);
