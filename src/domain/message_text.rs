//! What messages say: one text a topic, the same on the page and in the mail.
//!
//! A text says what happened and what to do by when; `{name}` stands for a parameter. Deliberately
//! absent: figures of credit, and markup. Parameters come from outside, so what could break a line, a
//! header or the direction of reading is taken out here, once.

use super::codes::Code;
use super::message::Topic;
use std::collections::BTreeMap;

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// One line: the subject of the mail.
    pub subject: String,
    /// What happened.
    pub happened: String,
    /// What to do, by when; empty where nothing is to be done.
    pub act: String,
}

/// The text of a topic: subject, what happened, what to do.
struct Text(Topic, &'static str, &'static str, &'static str);

const TEXTS: &[Text] = &[
    Text(
        Topic::RequestSubmitted,
        "需求 {number} 已提交",
        "{enterprise}的融资需求 {number} 已提交，并已与全部在办产品逐项核对。",
        "打开匹配结果，查看符合的产品和年化综合成本。需求有效至 {until}。",
    ),
    Text(
        Topic::ReferralReceived,
        "收到融资需求 {number}",
        "一家企业选中了本行的产品，授权本行查看融资需求 {number}。",
        "打开待办需求，查看需求和授权范围内的资料。每次查看都有记录，企业可以看到。",
    ),
    Text(
        Topic::ReferralCancelled,
        "融资需求 {number} 已取消",
        "企业撤回了授权，融资需求 {number} 已从待办中取消，不能再查看。",
        "",
    ),
    Text(
        Topic::ConsentRevoked,
        "已撤回对{bank}的授权",
        "对{bank}查看需求 {number} 的授权已经撤回，立即生效；这份需求推送已取消。",
        "",
    ),
    Text(
        Topic::BatchWithdrawn,
        "已撤回一批数据：{file}",
        "{source}于 {day} 导入的“{file}”已整批撤回，{count} 项数据恢复到导入前的值。",
        "",
    ),
    Text(
        Topic::FactsWithdrawn,
        "{source}撤回了一批数据，您企业的资料有变动",
        "{source}撤回了于 {day} 导入的一批数据，其中涉及您企业的项目已恢复到导入前的值。未结束的需求会自动重新匹配。",
        "",
    ),
    Text(
        Topic::DisputeRaised,
        "收到{kind}：{enterprise}的{fact}",
        "{enterprise}就“{fact}”提出了{kind}。",
        "打开查看企业的说明和现有数据，核对后答复；企业能看到答复。",
    ),
    Text(
        Topic::DisputeAnswered,
        "{source}已答复：{fact}{outcome}",
        "您就“{fact}”提出的{kind}，{source}已答复：{outcome}。答复全文见资料页。",
        "",
    ),
    Text(
        Topic::RegistrationLink,
        "验证邮箱，继续注册",
        "有人用这个邮箱申请企业注册。",
        "是您本人的，请打开链接继续填写，{hours} 小时内有效，只能提交一次。不是您本人的，不用理会。",
    ),
    Text(
        Topic::AlreadyRegistered,
        "这个邮箱已有账号",
        "有人用这个邮箱申请企业注册，而它已经有账号。",
        "是您本人的，请直接登录；忘记密码的，在登录页点“忘记密码”。不是您本人的，不用理会。",
    ),
    Text(
        Topic::RegistrationReceived,
        "注册申请已收到：{enterprise}",
        "{enterprise}的注册申请已经收到，正由区金融服务中心审核。审核结果会发到这个邮箱。",
        "",
    ),
    Text(
        Topic::RegistrationWaiting,
        "注册申请待审核：{enterprise}",
        "{person}代表{enterprise}（{uscc}）申请注册，已上传营业执照和盖章授权函。",
        "请核对后通过或退回。",
    ),
    Text(
        Topic::RegistrationApproved,
        "注册申请已通过：{enterprise}",
        "{enterprise}的注册申请已经通过，您是企业负责人。",
        "用这个邮箱和注册时设的密码登录，就可以提出融资需求、邀请同事。",
    ),
    Text(
        Topic::RegistrationRejected,
        "注册申请未通过：{enterprise}",
        "{enterprise}的注册申请没有通过。原因：{reason}",
        "按原因补正后，可以重新申请。",
    ),
    Text(
        Topic::OwnerAdded,
        "企业新增负责人：{person}",
        "区金融服务中心审核了{person}的申请，把其加为{enterprise}的负责人。",
        "如果企业没有委托此人，请立即与中心联系，并在“成员”页停用其账号。",
    ),
    Text(
        Topic::Invitation,
        "邀请您加入{organisation}",
        "{inviter}邀请您作为{role}加入{organisation}。",
        "请在 {until} 前打开链接，填写姓名、设置密码。不认识邀请人的，不用理会。",
    ),
    Text(
        Topic::ResetLink,
        "重设密码",
        "有人为这个邮箱的账号申请重设密码。",
        "是您本人的，请在 {minutes} 分钟内打开链接设置新密码。不是您本人的，不用理会，密码不会改变。",
    ),
    Text(
        Topic::PasswordReset,
        "密码已重设",
        "账号的密码刚刚重设，此前的登录全部退出。",
        "不是您本人操作的，请立即在登录页点“忘记密码”重设，并与中心联系。",
    ),
    Text(
        Topic::PasswordChanged,
        "密码已更改",
        "账号的密码刚刚更改，其他地方的登录全部退出。",
        "不是您本人操作的，请立即在登录页点“忘记密码”重设，并与中心联系。",
    ),
    Text(
        Topic::TokenReused,
        "接口登录已结束",
        "一个已经用过的刷新令牌又被使用，可能有他人取得了它。这次接口登录已经结束。",
        "请让使用接口的程序重新登录。不清楚原因的，请更改密码，并核对“账号安全”页里的登录。",
    ),
    Text(
        Topic::SecondFactorChanged,
        "双因素验证{what}",
        "账号的双因素验证{what}。",
        "不是您本人操作的，也没有请人代办的，请立即更改密码，并与中心联系。",
    ),
    Text(
        Topic::RoleChanged,
        "角色已更改为{role}",
        "{by}把您在{organisation}的角色改为{role}，此前的登录已退出，请重新登录。",
        "",
    ),
    Text(
        Topic::AccountDisabled,
        "账号已停用",
        "{by}停用了您在{organisation}的账号，此前的登录已退出。",
        "有疑问的，请与{organisation}联系。",
    ),
    Text(
        Topic::AccountEnabled,
        "账号已恢复",
        "{by}恢复了您在{organisation}的账号，可以重新登录。",
        "",
    ),
    Text(
        Topic::ReferralCalled,
        "需求 {number} 已转给备选银行{bank}",
        "{before}{why}，按您定的顺序，需求 {number} 已发给备选的{bank}。",
        "",
    ),
    Text(
        Topic::ReferralDeclined,
        "{bank}婉拒了需求 {number}",
        "{bank}没有为需求 {number} 报价，原因：{reason}。",
        "",
    ),
    Text(
        Topic::ReferralOverdue,
        "融资需求 {number} 已逾期未答复",
        "融资需求 {number} 应在 {until} 前答复，现已逾期，并记入本行的答复记录。",
        "仍可报价或婉拒，记为逾期答复。",
    ),
    Text(
        Topic::ReferralUnanswered,
        "{bank}逾期未答复需求 {number}",
        "{bank}没有在 {until} 前答复需求 {number}，已记入该行的答复记录。",
        "",
    ),
    Text(
        Topic::ReferralProposed,
        "中心为需求 {number} 推荐了{bank}",
        "区金融服务中心建议把需求 {number} 发给{bank}。您同意之前，{bank}看不到任何资料。",
        "打开查看推荐的产品和要授权的资料，同意或不同意。",
    ),
    Text(
        Topic::ProposalAnswered,
        "{enterprise}{answer}推荐{bank}",
        "需求 {number}：{enterprise}{answer}把需求发给{bank}。",
        "",
    ),
    Text(
        Topic::ReferralEnded,
        "融资需求 {number} 已结束",
        "融资需求 {number} 已结束（{reason}），已从待办中取消。",
        "",
    ),
    Text(
        Topic::ReferralTakenUp,
        "{bank}继续办理需求 {number}",
        "此前接受的报价未能签约，{bank}在您的授权有效期内继续办理需求 {number}。",
        "",
    ),
    Text(
        Topic::RequestNeedsCentre,
        "需求 {number} 待中心对接",
        "{enterprise}的需求 {number} 没有符合的产品，或选中的银行都没有接。",
        "打开需求，向合适的银行推荐，或记为未承接。",
    ),
    Text(
        Topic::RequestExtended,
        "需求 {number} 有效期延至 {until}",
        "需求 {number} 的有效期已延至 {until}。",
        "",
    ),
    Text(
        Topic::RequestClosed,
        "需求 {number} 已结束：{reason}",
        "需求 {number} 已结束（{reason}）。尚在银行的推送都已取消，未接受的报价已失效。",
        "",
    ),
    Text(
        Topic::RequestMatchedAgain,
        "需求 {number} 新增 {count} 个符合的产品",
        "企业资料有变动，需求 {number} 已重新匹配，新增 {count} 个符合的产品。",
        "打开匹配结果，查看新增的产品。",
    ),
    Text(
        Topic::ReminderDue,
        "需求 {number}：{product}的条件可能已满足",
        "您请我们在 {day} 提醒：从这一天起，需求 {number} 可能已满足“{product}”差的那一项条件。",
        "打开匹配结果，点“重新匹配”核对。",
    ),
    Text(
        Topic::OfferLapsed,
        "报价 {number} 已失效",
        "报价 {number} 已失效：{reason}。",
        "",
    ),
    Text(
        Topic::OfferSubmitted,
        "报价 {number} 待审核",
        "{bank}为{enterprise}的需求 {request} 提交了报价，{open} 项核对未通过。",
        "打开报价，核对后转给企业或退回银行。",
    ),
    Text(
        Topic::OfferReturned,
        "报价 {number} 被退回",
        "区金融服务中心退回了报价 {number}。原因：{reason}",
        "打开报价，修改后重新提交，或撤回。",
    ),
    Text(
        Topic::OfferForwarded,
        "报价 {number} 已转给企业",
        "报价 {number} 已经区金融服务中心转给企业，有效至 {until}。",
        "",
    ),
    Text(
        Topic::OfferReceived,
        "{bank}为需求 {request} 报价",
        "{bank}为您的需求 {request} 提出了报价，已经区金融服务中心核对。",
        "打开比较各家报价的年化综合成本、费用和条件，在 {until} 前决定。",
    ),
    Text(
        Topic::OfferAccepted,
        "报价 {number} 已被企业接受",
        "企业接受了报价 {number}。联系人和联系方式见报价页。",
        "请在 {until} 前与企业签订合同并登记；逾期未登记的，报价失效，需求重新开放。",
    ),
    Text(
        Topic::OfferTaken,
        "需求 {request} 已接受{bank}的报价",
        "需求 {request} 已接受{bank}的报价 {number}，应在 {until} 前签订合同。其他报价已失效，等待答复的推送已取消。",
        "",
    ),
    Text(
        Topic::OfferDeclined,
        "报价 {number} 未被接受",
        "企业没有接受报价 {number}。原因：{reason}",
        "",
    ),
    Text(
        Topic::OfferWithdrawn,
        "{bank}撤回了报价 {number}",
        "{bank}撤回了为需求 {request} 提出的报价 {number}。",
        "",
    ),
    Text(
        Topic::OfferFellThrough,
        "报价 {number} 未能签约",
        "报价 {number} 未能签约（{by}）。原因：{reason}。需求 {request} 重新开放，产品额度已退回。",
        "",
    ),
    Text(
        Topic::RequestReopened,
        "融资需求 {number} 重新开放",
        "企业此前接受的报价未能签约，融资需求 {number} 重新开放，企业的授权仍然有效。",
        "打开需求，可以继续办理，或把失效的报价重新提交。",
    ),
    Text(
        Topic::LoanRegistered,
        "贷款 {number} 的合同已登记",
        "{bank}登记了{enterprise}的贷款 {number} 的合同，融资需求已完成。",
        "打开贷款，核对金额、利率、期限和到期日。",
    ),
    Text(
        Topic::LoanChanged,
        "贷款 {number}：{what}",
        "{bank}登记了贷款 {number} 的变动：{what}。",
        "",
    ),
    Text(
        Topic::LoanOverdue,
        "贷款 {number} 被标记为逾期",
        "{bank}把{enterprise}的贷款 {number} 标记为逾期，自 {since} 起。",
        "请尽快与{bank}联系；已经还清的，请银行解除标记。",
    ),
    Text(
        Topic::LoanCancelled,
        "贷款 {number} 已取消，没有放款",
        "{bank}取消了贷款 {number}，没有放款，合同不再履行。原因：{reason}",
        "",
    ),
    Text(
        Topic::LoanMatures,
        "贷款 {number} 将于 {matures} 到期",
        "{enterprise}在{bank}的贷款 {number} 将于 {matures} 到期，还有 {left} 天。",
        "需要续贷的，请在到期前提出续贷需求；新合同须在到期日之前签订。符合的续贷产品：{products}。",
    ),
    Text(
        Topic::ProductConfirmDue,
        "请确认产品：{product}",
        "产品“{product}”（{code}）上次由本行确认是在 {confirmed}。",
        "条款仍然有效的，请在 {until} 前打开产品页点“确认”；过期未确认的不再参与匹配。",
    ),
    Text(
        Topic::NewlyEligible,
        "有 {count} 个新的产品符合需求 {number}",
        "银行更新了产品，融资需求 {number} 现在又符合 {count} 个产品。",
        "打开匹配结果，比较年化综合成本后再决定是否申请。",
    ),
];

/// The most characters that one parameter fills in.
const LONGEST: usize = 200;

/// A topic in words.
#[must_use]
pub fn words(topic: Topic, parameters: &BTreeMap<String, String>) -> Words {
    // A test holds that every topic has its text; one without would still say its name.
    let (subject, happened, act) = TEXTS
        .iter()
        .find(|text| text.0 == topic)
        .map_or((topic.label(), topic.label(), ""), |text| (text.1, text.2, text.3));
    Words {
        subject: fill(subject, parameters),
        happened: fill(happened, parameters),
        act: fill(act, parameters),
    }
}

/// Fills in once: a parameter that looks like a place is not filled again.
fn fill(text: &str, parameters: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(
            &parameters
                .get(name)
                .map_or_else(|| "—".to_owned(), |value| one_line(value, LONGEST)),
        );
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// A text on one line, without what a terminal, a header or a reader could take for an order.
#[must_use]
pub fn one_line(text: &str, longest: usize) -> String {
    let plain = |letter: char| if is_order(letter) { ' ' } else { letter };
    text.chars().map(plain).take(longest).collect()
}

/// Control characters, line and paragraph separators, and what turns the direction of reading.
fn is_order(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn every_topic_has_one_text_whose_places_the_document_lists() {
        let document = include_str!("../../docs/messages.md");
        for topic in Topic::ALL {
            let texts: Vec<_> = TEXTS.iter().filter(|text| text.0 == *topic).collect();
            let [Text(_, subject, happened, act)] = texts.as_slice() else {
                panic!("{topic}: one line in TEXTS, there are {}", texts.len());
            };
            let row = document.lines().find(|line| line.contains(&format!("| {topic} |")));
            let row = row.unwrap_or_else(|| panic!("{topic}: a row in docs/messages.md"));
            for place in [subject, happened, act].iter().flat_map(|text| text.split('{').skip(1)) {
                let name = place.split('}').next().unwrap_or_default();
                assert!(
                    row.contains(&format!("`{name}`")),
                    "{topic}: {name} is not in docs/messages.md"
                );
            }
        }
    }

    #[test]
    fn parameters_fill_their_places_once() {
        let words = words(
            Topic::RequestSubmitted,
            &parameters(&[
                ("number", "2026-000317"),
                ("enterprise", "{until}"),
                ("until", "2027-01-30"),
            ]),
        );
        assert_eq!(words.subject, "需求 2026-000317 已提交");
        assert!(words.happened.starts_with("{until}的融资需求"));
        assert!(words.act.ends_with("有效至 2027-01-30。"));
    }

    #[test]
    fn nothing_breaks_a_line_or_turns_it() {
        let name = "甲\r\nBcc: all@example.com\u{202e}\u{1b}[31m\u{2028}\0";
        let words = words(Topic::RequestSubmitted, &parameters(&[("number", name)]));
        assert!(!words.subject.contains(is_order), "{:?}", words.subject);
        assert!(words.subject.contains("甲  Bcc: all@example.com"));
        assert!(words.happened.starts_with('—'), "what is missing is seen to be missing");
        let long = one_line(&"长".repeat(1_000), LONGEST);
        assert_eq!(long.chars().count(), LONGEST);
    }
}
