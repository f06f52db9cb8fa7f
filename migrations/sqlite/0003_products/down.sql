DROP TABLE catalogue;
DROP TABLE product_version;
DROP TABLE product;
