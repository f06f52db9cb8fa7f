//! Workbooks as spreadsheets write them, and as nobody should be able to hand them in.

use super::*;
use crate::domain::fact_row::HandedForm;
use crate::exchange::{FileKind, facts};
use flate2::{Compress, Compression, FlushCompress};

const SHEET: &str = "xl/worksheets/sheet1.xml";
const HEADS: &str = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>uscc</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>fact</t></is></c>\
    <c r=\"C1\" t=\"inlineStr\"><is><t>value</t></is></c><c r=\"D1\" t=\"inlineStr\"><is><t>observed_on</t></is></c></row>";

/// The parts around a sheet; `sheets` are their names.
fn frame(sheets: &[String]) -> Vec<(String, String)> {
    let relation = |id: usize| {
        format!(
            "<Relationship Id=\"r{id}\" Type=\"http://x/relationships/worksheet\" Target=\"worksheets/sheet{id}.xml\"/>"
        )
    };
    let entry = |(id, name): (usize, &String)| format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"r{id}\"/>");
    vec![
        (
            "_rels/.rels".to_owned(),
            "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
             Target=\"xl/workbook.xml\"/></Relationships>"
                .to_owned(),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<workbook xmlns:r=\"http://r\"><sheets>{}</sheets></workbook>",
                (1..).zip(sheets).map(entry).collect::<String>()
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships>{}</Relationships>",
                (1..=sheets.len()).map(relation).collect::<String>()
            ),
        ),
    ]
}

fn packed(parts: &[(String, String)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default();
        writer.start_file(name.as_str(), options).expect("a part");
        writer.write_all(content.as_bytes()).expect("written");
    }
    writer.finish().expect("whole").into_inner()
}

/// A workbook of one sheet with these rows, and other parts.
fn book(rows: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let mut parts = frame(&["数据".to_owned()]);
    parts.push((
        SHEET.to_owned(),
        format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
    ));
    parts.extend(
        others
            .iter()
            .map(|(name, content)| ((*name).to_owned(), (*content).to_owned())),
    );
    packed(&parts)
}

fn texts(rows: &[(usize, &str)]) -> String {
    let cell = |(column, text): &(usize, &str)| {
        let letter = char::from(b'A' + u8::try_from(*column).expect("few columns"));
        format!("<c r=\"{letter}2\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    rows.iter().map(cell).collect()
}

/// The codes of what is wrong: with the file, or with its rows.
fn codes(bytes: &[u8]) -> Vec<&'static str> {
    let told = |problems: &Problems| {
        problems
            .list()
            .iter()
            .map(|problem| problem.rule.code())
            .collect::<Vec<_>>()
    };
    match crate::exchange::read::<HandedForm>(FileKind::of(bytes), bytes, facts::COLUMNS) {
        Err(problems) => told(&problems),
        Ok(rows) => rows
            .iter()
            .flat_map(|row| row.form.as_ref().err().map_or_else(|| vec!["good"], told))
            .collect(),
    }
}

#[test]
fn a_filled_template_reads_as_it_was_written() {
    use crate::domain::codes::Owner;
    let empty = facts::template_xlsx(&[Owner::Tax]).expect("a template");
    assert_eq!(
        codes(&empty),
        ["empty_list"],
        "the heads are known; there is no row yet"
    );
    let mut filled = rust_xlsxwriter::Workbook::new();
    let sheet = filled.add_worksheet().set_name("数据").expect("a name");
    for (column, head) in (0..).zip(["统一社会信用代码", "数据项", "内容", "数据日期", "有效期至"])
    {
        sheet.write_string(0, column, head).expect("written");
    }
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for (row, (fact, value)) in (1..).zip([("纳税信用等级", "A级"), ("tax_grade", "B"), ("欠税", "否")]) {
        sheet.write_string(row, 0, "91410100094865098C").expect("written");
        sheet.write_string(row, 1, fact).expect("written");
        sheet.write_string(row, 2, value).expect("written");
        sheet.write_number_with_format(row, 3, 46_327.0, &day).expect("written");
        sheet.write_string(row, 4, "2027/4/30").expect("written");
    }
    sheet.write_string(4, 0, "91410100094865098C").expect("written");
    sheet.write_string(4, 1, "tax_paid_fen").expect("written");
    sheet.write_number(4, 2, 118_000_000.0).expect("written");
    sheet.write_string(4, 3, "2026年11月1日").expect("written");
    let bytes = filled.save_to_buffer().expect("a workbook");
    let rows = crate::exchange::read::<serde_json::Value>(FileKind::Xlsx, &bytes, facts::COLUMNS).expect("read");
    let forms: Vec<String> = rows
        .iter()
        .map(|row| row.form.as_ref().expect("good").to_string())
        .collect();
    let expected = |fact: &str, value: &str| {
        format!(
            "{{\"fact\":\"{fact}\",\"observed_on\":\"2026-11-01\",\"uscc\":\"91410100094865098C\",\"valid_until\":\"2027-04-30\",\"value\":{value}}}"
        )
    };
    assert_eq!(forms[0], expected("tax_grade", "\"A\""));
    assert_eq!(forms[1], expected("tax_grade", "\"B\""));
    assert_eq!(forms[2], expected("tax_arrears", "false"));
    assert_eq!(
        forms[3],
        "{\"fact\":\"tax_paid_fen\",\"observed_on\":\"2026-11-01\",\"uscc\":\"91410100094865098C\",\"value\":118000000}"
    );
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 4, 5]);
}

#[test]
fn days_are_counted_as_spreadsheets_count_them() {
    assert_eq!(day_of(46_327.0, false).as_deref(), Some("2026-11-01"));
    assert_eq!(day_of(61.0, false).as_deref(), Some("1900-03-01"));
    assert_eq!(day_of(44_865.0, true).as_deref(), Some("2026-11-01"));
    for none in [60.0, -1.0, 46_327.5, 1e9, f64::NAN, f64::INFINITY] {
        assert_eq!(day_of(none, false), None, "{none}");
    }
}

#[test]
fn threat_14_a_formula_is_refused_and_a_text_that_looks_like_one_stays_a_text() {
    let row = |third: &str| {
        let start = texts(&[(0, "91410100094865098C"), (1, "tax_grade")]);
        let end = texts(&[(3, "2026-10-01")]);
        book(&format!("{HEADS}<row r=\"2\">{start}{third}{end}</row>"), &[])
    };
    assert_eq!(
        codes(&row("<c r=\"C2\" t=\"str\"><f>HYPERLINK(\"http://x\")</f><v>A</v></c>")),
        ["formula"]
    );
    assert_eq!(
        codes(&row("<c r=\"C2\"><f t=\"shared\" si=\"99999999999999\"/><v>1</v></c>")),
        ["formula"]
    );
    assert_eq!(codes(&row("<c r=\"C2\" t=\"e\"><v>#N/A</v></c>")), ["malformed"]);
    assert_eq!(codes(&row(&texts(&[(2, "A")]))), ["good"]);
    assert_eq!(
        codes(&row(&texts(&[(2, "=1+1")]))),
        ["good"],
        "a text, which is no grade: the rules of the fact say so"
    );
    let number = format!(
        "{HEADS}<row r=\"2\"><c r=\"A2\"><v>9.14101000948651E+17</v></c>{}</row>",
        texts(&[(1, "tax_grade"), (2, "A"), (3, "2026-10-01")])
    );
    assert_eq!(codes(&book(&number, &[])), ["number_for_code"]);
}

#[test]
fn threat_15_a_cell_in_the_last_corner_asks_for_nothing() {
    let far = format!("{HEADS}<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>");
    assert_eq!(codes(&book(&far, &[])), ["malformed"]);
    let mut parts = frame(&["数据".to_owned()]);
    let lie = format!("<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{HEADS}</sheetData></worksheet>");
    parts.push((SHEET.to_owned(), lie));
    assert_eq!(codes(&packed(&parts)), ["malformed"]);
    // Positions with which the reader's arithmetic overflows: refused, not the end of the program.
    for place in ["ZZZZZZZZZZZZZZ1", "A99999999999999999999", "A0", "1A", ""] {
        let row = format!("{HEADS}<row r=\"2\"><c r=\"{place}\"><v>1</v></c></row>");
        assert_eq!(codes(&book(&row, &[])), ["malformed"], "{place}");
    }
    for dimension in ["C3:A1", "A1:A99999999999", "::", ""] {
        let mut parts = frame(&["数据".to_owned()]);
        let sheet = format!("<worksheet><dimension ref=\"{dimension}\"/><sheetData>{HEADS}</sheetData></worksheet>");
        parts.push((SHEET.to_owned(), sheet));
        assert!(!codes(&packed(&parts)).contains(&"good"), "{dimension}");
    }
}

#[test]
fn threat_15_what_a_part_says_of_itself_is_not_believed() {
    let strings = |head: &str, count: usize| format!("<sst {head}>{}</sst>", "<si><t>a</t></si>".repeat(count));
    let with = |content: &str| codes(&book(HEADS, &[("xl/sharedStrings.xml", content)]));
    assert_eq!(with(&strings("uniqueCount=\"3\"", 3)), ["empty_list"], "an honest one");
    for lie in [
        "uniqueCount=\"9223372036854775807\"",
        "uniqueCount = '99999999999999999999999'",
        "a=\"1\" uniqueCount=\"300000\"",
    ] {
        assert_eq!(with(&strings(lie, 1)), ["unpacks_too_far"], "{lie}");
    }
    assert_eq!(with(&strings("", MOST_STRINGS + 10)), ["unpacks_too_far"]);
    let wide: String = strings("uniqueCount=\"99999999999\"", 1)
        .chars()
        .flat_map(|c| [c, '\0'])
        .collect();
    assert_eq!(with(&wide), ["unpacks_too_far"], "in another encoding");
    // Long formats that every cell refers to are not read at all.
    let styles = format!(
        "<styleSheet><numFmts><numFmt numFmtId=\"9\" formatCode=\"{}\"/></numFmts><cellXfs>{}</cellXfs></styleSheet>",
        "0".repeat(1 << 16),
        "<xf numFmtId=\"9\"/>".repeat(1 << 12)
    );
    assert_eq!(codes(&book(HEADS, &[("xl/styles.xml", &styles)])), ["empty_list"]);
}

#[test]
fn threat_15_many_sheets_parts_and_attributes_are_bounded() {
    let many: Vec<String> = (0..10_000).map(|place| format!("s{place}")).collect();
    let mut parts = frame(&many);
    parts.push((
        SHEET.to_owned(),
        format!("<worksheet><sheetData>{HEADS}</sheetData></worksheet>"),
    ));
    assert_eq!(codes(&packed(&parts)), ["wrong_count"]);
    let extra: Vec<(String, String)> = (0..=MOST_PARTS)
        .map(|place| (format!("a{place}"), String::new()))
        .collect();
    assert_eq!(codes(&packed(&extra)), ["unpacks_too_far"]);
    let flood = (0..100_000)
        .map(|place| format!(" a{place}=\"1\""))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(
        codes(&book(&format!("{HEADS}<row r=\"2\"{flood}></row>"), &[])),
        ["empty_list"]
    );
    let nested = packed(&[("a.zip".to_owned(), "PK".to_owned())]);
    assert_eq!(codes(&nested), ["malformed"]);
    for no_book in [
        &b"PK"[..],
        b"PK\x03\x04",
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    ] {
        assert_eq!(codes(no_book), ["malformed"]);
    }
    let long = format!(
        "{HEADS}<row r=\"2\">{}</row>",
        texts(&[(0, &"长".repeat(LONGEST_TEXT + 1))])
    );
    assert_eq!(codes(&book(&long, &[])), ["too_long"]);
}

/// An archive of one part that unpacks to so many MiB of zeros, and says that it unpacks to `says` bytes.
fn bomb(name: &str, mebibytes: usize, says: u32) -> Vec<u8> {
    let mut one = Vec::with_capacity(1 << 16);
    let mut packer = Compress::new(Compression::best(), false);
    let zeros = vec![0; 1 << 20];
    packer
        .compress_vec(&zeros, &mut one, FlushCompress::Full)
        .expect("it packs");
    // After a full flush each piece stands on its own, so it can be repeated; then an empty last block.
    let mut content = one.repeat(mebibytes);
    content.extend([3, 0]);
    let size = u32::try_from(content.len()).expect("small").to_le_bytes();
    let length = u16::try_from(name.len()).expect("short").to_le_bytes();
    let common = [
        &[20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
        &size,
        &says.to_le_bytes(),
        &length,
        &[0, 0],
    ]
    .concat();
    let local = [b"PK\x03\x04", &common[..], name.as_bytes(), &content].concat();
    let central = [b"PK\x01\x02\x14\0", &common[..], &[0; 14], name.as_bytes()].concat();
    let place = u32::try_from(local.len()).expect("small").to_le_bytes();
    let central_size = u32::try_from(central.len()).expect("small").to_le_bytes();
    [
        &local[..],
        &central,
        b"PK\x05\x06\0\0\0\0\x01\0\x01\0",
        &central_size,
        &place,
        &[0, 0],
    ]
    .concat()
}

#[test]
fn threat_15_a_bomb_is_left_after_its_first_bytes() {
    // One that says less than it holds is left by the unpacker where it has said the truth for so long.
    for (says, code) in [
        (10, "malformed"),
        (1 << 30, "unpacks_too_far"),
        (u32::MAX - 1, "unpacks_too_far"),
    ] {
        for name in [SHEET, "xl/sharedStrings.xml", "docProps/thumbnail.jpeg"] {
            let bytes = bomb(name, 10 << 10, says);
            assert!(bytes.len() < 12 << 20, "10 GiB in {} bytes", bytes.len());
            let mut unpacked = 0;
            let problems = unpack(&bytes, &mut unpacked).expect_err("it is refused");
            assert_eq!(problems.list()[0].rule.code(), code, "{name} {says}: {problems}");
            assert!(unpacked <= MOST_UNPACKED + 1, "{unpacked} bytes came out");
        }
    }
    let small: Vec<(String, String)> = (0..40)
        .map(|place| (format!("a{place}.xml"), "0".repeat(1 << 20)))
        .collect();
    let mut unpacked = 0;
    assert!(
        unpack(&packed(&small), &mut unpacked).is_err(),
        "many small ones come to the same"
    );
    assert!(unpacked <= MOST_UNPACKED + 1, "{unpacked} bytes came out");
}
