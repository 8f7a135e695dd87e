-- Tables of the resources, as `abonent derive` prints them; tests/actions/test_schema.py holds them against the registry.
CREATE TABLE individual (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX individual_doc ON individual USING gin (doc jsonb_path_ops);
CREATE SEQUENCE individual_number START 10001 INCREMENT 50;

CREATE TABLE organization (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX organization_doc ON organization USING gin (doc jsonb_path_ops);
CREATE SEQUENCE organization_number START 10001 INCREMENT 50;

CREATE TABLE customer (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    engaged_party_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{engagedParty,id}') STORED,
    name text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{name}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX customer_engaged_party_id ON customer (engaged_party_id, id);
CREATE INDEX customer_name ON customer (name, id);
CREATE INDEX customer_doc ON customer USING gin (doc jsonb_path_ops);
CREATE SEQUENCE customer_number START 10001 INCREMENT 50;

CREATE TABLE party_role (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX party_role_doc ON party_role USING gin (doc jsonb_path_ops);
CREATE SEQUENCE party_role_number START 10001 INCREMENT 50;

CREATE TABLE billing_account (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX billing_account_doc ON billing_account USING gin (doc jsonb_path_ops);
CREATE SEQUENCE billing_account_number START 10001 INCREMENT 50;

CREATE TABLE category (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX category_doc ON category USING gin (doc jsonb_path_ops);
CREATE SEQUENCE category_number START 10001 INCREMENT 50;

CREATE TABLE catalog (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX catalog_doc ON catalog USING gin (doc jsonb_path_ops);
CREATE SEQUENCE catalog_number START 10001 INCREMENT 50;

CREATE TABLE product_offering (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    name text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{name}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX product_offering_name ON product_offering (name, id);
CREATE INDEX product_offering_doc ON product_offering USING gin (doc jsonb_path_ops);
CREATE SEQUENCE product_offering_number START 10001 INCREMENT 50;

CREATE TABLE product_offering_price (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX product_offering_price_doc ON product_offering_price USING gin (doc jsonb_path_ops);
CREATE SEQUENCE product_offering_price_number START 10001 INCREMENT 50;

CREATE TABLE product_specification (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX product_specification_doc ON product_specification USING gin (doc jsonb_path_ops);
CREATE SEQUENCE product_specification_number START 10001 INCREMENT 50;

CREATE TABLE service_specification (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_specification_doc ON service_specification USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_specification_number START 10001 INCREMENT 50;

CREATE TABLE decomposition (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    product_specification_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{productSpecification,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX decomposition_product_specification_id ON decomposition (product_specification_id, id);
CREATE INDEX decomposition_doc ON decomposition USING gin (doc jsonb_path_ops);
CREATE SEQUENCE decomposition_number START 10001 INCREMENT 50;

CREATE TABLE product (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{status}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX product_status ON product (status, id);
CREATE INDEX product_doc ON product USING gin (doc jsonb_path_ops);
CREATE SEQUENCE product_number START 10001 INCREMENT 50;

CREATE TABLE service (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_state ON service (state, id);
CREATE INDEX service_doc ON service USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_number START 10001 INCREMENT 50;

CREATE TABLE resource (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    category text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{category}') STORED,
    resource_status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{resourceStatus}') STORED,
    part_of text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{resourceRelationship,0,resource,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX resource_category ON resource (category, id);
CREATE INDEX resource_resource_status ON resource (resource_status, id);
CREATE INDEX resource_part_of ON resource (part_of, id);
CREATE INDEX resource_doc ON resource USING gin (doc jsonb_path_ops);
CREATE SEQUENCE resource_number START 10001 INCREMENT 50;

CREATE TABLE access_coverage (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    geographic_address_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{geographicAddress,id}') STORED,
    access_node_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{accessNode,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX access_coverage_geographic_address_id ON access_coverage (geographic_address_id, id);
CREATE INDEX access_coverage_access_node_id ON access_coverage (access_node_id, id);
CREATE SEQUENCE access_coverage_number START 10001 INCREMENT 50;

CREATE TABLE geographic_address (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    street_name text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{streetName}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX geographic_address_street_name ON geographic_address (street_name, id);
CREATE INDEX geographic_address_doc ON geographic_address USING gin (doc jsonb_path_ops);
CREATE SEQUENCE geographic_address_number START 10001 INCREMENT 50;

CREATE TABLE product_offering_qualification (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX product_offering_qualification_state ON product_offering_qualification (state, id);
CREATE INDEX product_offering_qualification_doc ON product_offering_qualification USING gin (doc jsonb_path_ops);
CREATE SEQUENCE product_offering_qualification_number START 10001 INCREMENT 50;

CREATE TABLE check_service_qualification (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX check_service_qualification_state ON check_service_qualification (state, id);
CREATE INDEX check_service_qualification_doc ON check_service_qualification USING gin (doc jsonb_path_ops);
CREATE SEQUENCE check_service_qualification_number START 10001 INCREMENT 50;

CREATE TABLE service_test (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_test_state ON service_test (state, id);
CREATE INDEX service_test_doc ON service_test USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_test_number START 10001 INCREMENT 50;

CREATE TABLE product_order (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    order_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{orderDate}')) STORED,
    external_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{externalId}') STORED,
    expected_completion_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{expectedCompletionDate}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX product_order_state ON product_order (state, id);
CREATE INDEX product_order_order_date ON product_order (order_date DESC NULLS LAST, id);
CREATE INDEX product_order_external_id ON product_order (external_id, id);
CREATE INDEX product_order_expected_completion_date ON product_order (expected_completion_date, id);
CREATE INDEX product_order_doc ON product_order USING gin (doc jsonb_path_ops);
CREATE SEQUENCE product_order_number START 10001 INCREMENT 50;

CREATE TABLE service_order (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    external_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{externalId}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_order_state ON service_order (state, id);
CREATE INDEX service_order_external_id ON service_order (external_id, id);
CREATE INDEX service_order_doc ON service_order USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_order_number START 10001 INCREMENT 50;

CREATE TABLE order_plan (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE order_plan_number START 10001 INCREMENT 50;

CREATE TABLE order_assessment (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE order_assessment_number START 10001 INCREMENT 50;

CREATE TABLE credit_policy (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX credit_policy_doc ON credit_policy USING gin (doc jsonb_path_ops);
CREATE SEQUENCE credit_policy_number START 10001 INCREMENT 50;

CREATE TABLE order_receipt (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE order_receipt_number START 10001 INCREMENT 50;

CREATE TABLE communication_message (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX communication_message_state ON communication_message (state, id);
CREATE INDEX communication_message_doc ON communication_message USING gin (doc jsonb_path_ops);
CREATE SEQUENCE communication_message_number START 10001 INCREMENT 50;
