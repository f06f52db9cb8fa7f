//! What the enterprises of the district do: trades with their words, how many there are, and figures a head.

/// A trade of the district.
pub(super) struct Trade {
    /// Division of GB/T 4754.
    pub division: &'static str,
    /// How many of the demo's enterprises are in it.
    pub count: u64,
    /// How the trade calls itself in a company's name.
    pub words: &'static [&'static str],
    /// Revenue a head and year in 万元, from and to.
    pub revenue_per_head_wan: (i64, i64),
    /// Employees and revenue in 万元 from which the size standard counts a firm as small, medium, large.
    pub size_steps: [(i64, i64); 3],
    /// How likely it makes things that a 专精特新 title is given for.
    pub technical: Technical,
}

/// How technical a trade is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Technical {
    /// Titles are usual.
    High,
    /// Titles are seen.
    Middle,
    /// Titles are rare.
    Low,
}

const INDUSTRY: [(i64, i64); 3] = [(20, 300), (300, 2_000), (1_000, 40_000)];
const WHOLESALE: [(i64, i64); 3] = [(5, 1_000), (20, 5_000), (200, 40_000)];
const RETAIL: [(i64, i64); 3] = [(10, 100), (50, 500), (300, 20_000)];
const TRANSPORT: [(i64, i64); 3] = [(20, 200), (300, 3_000), (1_000, 30_000)];
const SOFTWARE: [(i64, i64); 3] = [(10, 50), (100, 1_000), (300, 10_000)];
const OTHER: [(i64, i64); 3] = [(10, 0), (100, 0), (300, 0)];

macro_rules! trades {
    ($($division:literal $count:literal, $words:expr, $from:literal..$to:literal, $steps:ident, $technical:ident;)+) => {
        /// The trades; the hero enterprise comes on top of their counts.
        pub(super) const TRADES: &[Trade] = &[$(Trade {
            division: $division,
            count: $count,
            words: &$words,
            revenue_per_head_wan: ($from, $to),
            size_steps: $steps,
            technical: Technical::$technical,
        },)+];
    };
}

trades! {
    "32" 34, ["铝业", "铝材", "铝箔科技", "铝合金", "有色金属"], 70..150, INDUSTRY, Middle;
    "30" 42, ["耐火材料", "耐材", "炉料", "新型材料", "磨料"], 40..85, INDUSTRY, Middle;
    "34" 46, ["阀门", "机械", "泵业", "压缩机", "精密制造", "轴承"], 35..75, INDUSTRY, High;
    "35" 32, ["重工机械", "矿山设备", "智能装备", "自动化设备", "环保设备"], 35..80, INDUSTRY, High;
    "37" 18, ["通用航空装备", "无人机科技", "航空器材", "航空技术"], 40..110, INDUSTRY, High;
    "33" 22, ["金属制品", "模具", "钢结构", "紧固件"], 35..70, INDUSTRY, Middle;
    "38" 16, ["电气", "电缆", "变压器", "输配电设备"], 45..110, INDUSTRY, High;
    "26" 12, ["新材料", "精细化工", "氧化铝材料"], 60..140, INDUSTRY, High;
    "29" 8, ["塑业", "橡塑制品"], 35..70, INDUSTRY, Low;
    "39" 7, ["电子科技", "传感技术"], 40..90, INDUSTRY, High;
    "40" 9, ["仪器仪表", "测控技术"], 35..80, INDUSTRY, High;
    "36" 5, ["汽车零部件"], 45..80, INDUSTRY, Middle;
    "14" 5, ["食品", "农产品加工"], 40..80, INDUSTRY, Low;
    "51" 14, ["商贸", "金属材料销售", "供应链管理"], 180..520, WHOLESALE, Low;
    "52" 4, ["百货", "五金机电销售"], 40..90, RETAIL, Low;
    "54" 7, ["物流", "道路运输"], 35..75, TRANSPORT, Low;
    "65" 9, ["软件", "信息技术", "工业互联网"], 25..55, SOFTWARE, High;
    "73" 4, ["材料研究院", "工程技术"], 25..50, OTHER, High;
    "75" 5, ["科技推广", "检测技术"], 20..45, OTHER, Middle;
}

/// Given names of the invented companies.
pub(super) const BRANDS: &[&str] = &[
    "宏远",
    "恒信",
    "鼎盛",
    "华锐",
    "中科",
    "金桥",
    "瑞丰",
    "永固",
    "天成",
    "德润",
    "力源",
    "嘉禾",
    "兴达",
    "锦程",
    "长虹",
    "博远",
    "诚泰",
    "东升",
    "伟业",
    "巨能",
    "凯旋",
    "民生源",
    "启航",
    "强盛",
    "荣升",
    "三和",
    "盛和",
    "泰安达",
    "万通达",
    "新锐",
    "亿通",
    "正大源",
    "卓越",
    "安泰",
    "昌隆",
    "创维达",
    "大通",
    "飞翔",
    "富源",
    "光明源",
    "海纳",
    "汇丰源",
    "佳业",
    "精诚",
    "开元",
    "蓝天",
    "利民",
    "龙腾",
    "明达",
    "鹏程",
    "千禧",
    "润泽",
    "尚德",
    "腾飞",
    "通达",
    "旺源",
    "祥云",
    "旭日",
    "远航",
    "志诚",
    "中晟",
    "众合",
];

/// How a company's name begins; all say that it is an example.
pub(super) const PREFIXES: &[&str] = &[
    "郑州示例",
    "郑州示例",
    "郑州示例",
    "河南示例",
    "河南示例",
    "郑州上街示例",
];
