//! The tables of the service's own operation.

use diesel::table;

table! {
    mail_hold (id) {
        id -> Integer,
        since -> Timestamp,
    }
}
