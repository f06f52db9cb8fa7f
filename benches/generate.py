"""Makes a workload of the form of tests/fixtures/matching; the same seed gives the same bytes.
Run: generate.py SEED N_PRODUCTS N_ENTERPRISES N_REQUESTS OUT_DIR   (as-of date 2026-11-01)
benches/workload/ is `7 10000 5000 1000`; scripts/bench checks that."""
import json, random, sys, gzip, datetime as dt, os

AS_OF = dt.date(2026, 11, 1)
TIERS = ["none", "candidate", "innovative", "specialised", "little_giant"]
SIZES = ["micro", "small", "medium", "large"]
GRADES = ["D", "C", "M", "B", "A"]
CUSTOMS = ["dishonest", "registered", "advanced"]
LISTING = ["none", "reformed", "neeq", "bse", "main_board"]
TITLES = ["high_tech", "tech_sme", "champion", "ip_model", "gazelle"]
KINDS = ["specialised", "plant", "tech_upgrade", "finance_lease", "relay", "annual_review", "revolving"]
PURPOSES = ["working_capital", "research", "tech_upgrade", "commercialisation", "fixed_assets", "refinancing"]
GUARANTEES = ["credit", "mortgage", "pledge", "guarantor"]
METHODS = ["equal_instalment", "equal_principal", "interest_only", "bullet", "on_demand"]
DIVISIONS = [f"{i:02d}" for i in list(range(13, 44)) + [51, 52, 54, 58, 59, 63, 64, 65, 72, 73, 74, 75]]
TOWNS = ["410106001", "410106002", "410106003", "410106004", "410106005", "410106100"]
ALPHA = "0123456789ABCDEFGHJKLMNPQRTUWXY"

def uscc(rnd):
    region = rnd.choice(["410106", "410100", "410102", "410184"])
    body = "".join(rnd.choice("0123456789") for _ in range(8))
    w = [3, 7, 9, 10, 5, 8, 4, 2]
    c = 11 - sum(int(d) * k for d, k in zip(body, w)) % 11
    body += {10: "X", 11: "0"}.get(c, str(c))
    head = "91" + region + body
    w = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    c = (31 - sum(ALPHA.index(ch) * k for ch, k in zip(head, w)) % 31) % 31
    return head + ALPHA[c]

def subset(rnd, xs, lo, hi):
    k = rnd.randint(lo, min(hi, len(xs)))
    pick = set(rnd.sample(range(len(xs)), k))
    return [x for i, x in enumerate(xs) if i in pick]

def product(rnd, i):
    kind = rnd.choices(KINDS, [30, 12, 12, 8, 10, 8, 20])[0]
    long = kind in ("plant", "tech_upgrade", "finance_lease")
    amin = rnd.choice([5, 10, 20, 50, 100]) * 1_000_000
    amax = amin * rnd.choice([10, 20, 50, 100])
    tmin, tmax = (rnd.choice([12, 24, 36]), rnd.choice([60, 84, 120, 180])) if long else (rnd.choice([1, 3, 6]), rnd.choice([12, 12, 24, 36]))
    base = rnd.choices(["lpr_5y" if long else "lpr_1y", "lpr_by_term", "fixed"], [3, 1, 1])[0]
    p = {
        "code": f"P{i:06d}", "bank": f"BANK{rnd.randint(1, 60):03d}", "name": f"示例产品{i}", "kind": kind, "status": rnd.choices(["open", "suspended"], [97, 3])[0],
        "amount_fen": {"min": amin, "max": amax}, "term_months": {"min": tmin, "max": tmax},
        "purposes": ["refinancing"] if kind == "relay" else subset(rnd, PURPOSES, 2, 5) if kind == "annual_review" else (subset(rnd, ["tech_upgrade", "fixed_assets", "commercialisation"], 1, 3) if long else subset(rnd, PURPOSES[:5], 2, 5)),
        "guarantees": subset(rnd, GUARANTEES, 1, 3) if kind != "specialised" or rnd.random() < .4 else ["credit"],
        "repayment": subset(rnd, METHODS[:3], 1, 3) if long else (["on_demand"] if kind == "revolving" else subset(rnd, METHODS, 1, 3)),
        "rate": {"base": base, "spread_bp": rnd.randrange(300, 620, 5) if base == "fixed" else rnd.randrange(-40, 260, 5)},
        "fees": [], "criteria": [],
    }
    if rnd.random() < .6:
        ds = sorted(rnd.randrange(0, 60, 5) for _ in range(3))
        p["rate"]["tier_discount_bp"] = dict(zip(["innovative", "specialised", "little_giant"], ds))
    if rnd.random() < .5: p["rate"]["floor_bp"] = rnd.choice([200, 250, 280, 300])
    if rnd.random() < .9: p["from"] = (AS_OF - dt.timedelta(days=rnd.randint(0, 900))).isoformat()
    if rnd.random() < .7: p["to"] = (AS_OF + dt.timedelta(days=rnd.randint(-20, 900))).isoformat()
    for name, kind_, basis, vs, pr in [("评估费", "appraisal", "upfront_fixed", [100_000, 300_000, 500_000] + [60_000_000] * (rnd.random() < .15), .15), ("担保费", "guarantee", rnd.choice(["annual_rate", "annual_on_balance"]), [50, 80, 100, 150], .2), ("手续费", "handling", "upfront_rate", [10, 20, 50, 100], .12), ("服务费", "intermediary", "monthly_rate", [1, 2, 5], .04)]:
        if rnd.random() < pr:
            fee = {"name": name, "kind": kind_, "basis": basis, "value": rnd.choice(vs)}
            if rnd.random() < .15: fee["borne_by"] = "bank"
            p["fees"].append(fee)
    if rnd.random() < .4: p["confirmed_on"] = (AS_OF - dt.timedelta(days=rnd.randint(0, 95))).isoformat()
    if kind == "relay" or (kind == "annual_review" and rnd.random() < .6):
        p["renewal"] = {"window_days": rnd.choice([30, 60, 90]), "own_loans_only": rnd.random() < .6}
    cs = p["criteria"]
    def add(pr, fact, op, value, verified=.2):
        pr = pr if pr >= 1 else pr * .6
        if rnd.random() < pr:
            c = {"fact": fact, "op": op, "value": value}
            if rnd.random() < verified: c["verified"] = True
            cs.append(c)
    add(.75 if kind == "specialised" else .3, "tier", "at_least", rnd.choices(TIERS[1:], [3, 4, 4, 1])[0], .8)
    add(.5, "size", "at_most", rnd.choice(["small", "medium", "medium"]))
    r = rnd.random()
    if r < .25: add(1, "industry", "one_of", subset(rnd, DIVISIONS, 8, 24), 0)
    elif r < .5: add(1, "industry", "none_of", subset(rnd, DIVISIONS, 1, 6), 0)
    add(.15, "town", "one_of", subset(rnd, TOWNS, 2, 5), 0)
    add(.7, "age_months", "at_least", rnd.choice([6, 12, 12, 24, 24, 36]), 0)
    add(.05, "listing_stage", "one_of", subset(rnd, LISTING, 1, 3))
    add(.45, "revenue_fen", "at_least", rnd.choice([100, 300, 500, 1000, 2000]) * 1_000_000)
    add(.1, "revenue_fen", "at_most", rnd.choice([10000, 40000]) * 1_000_000)
    add(.2, "employees", "at_least", rnd.choice([5, 10, 20, 50]))
    add(.2, "rd_intensity_bp", "at_least", rnd.choice([100, 200, 300, 500]))
    add(.2, "invention_patents", "at_least", rnd.choice([1, 1, 2, 5]))
    add(.4, "settlement_inflow_fen", "at_least", rnd.choice([50, 100, 300, 500, 1000]) * 1_000_000)
    add(.2, "settlement_active_months", "at_least", rnd.choice([3, 6, 9, 12]))
    add(.55, "tax_grade", "at_least", rnd.choices(GRADES[1:], [1, 4, 6, 2])[0], .6)
    add(.3, "tax_paid_fen", "at_least", rnd.choice([1, 5, 10, 20, 50]) * 1_000_000, .6)
    add(.4, "tax_arrears", "is", False, .5)
    add(.35, "insured_headcount", "at_least", rnd.choice([3, 5, 10, 20, 30]))
    add(.15, "insured_months", "at_least", rnd.choice([6, 12, 24]))
    add(.7 if kind == "plant" else .05, "land_m2", "at_least", rnd.choice([1000, 3000, 5000, 10000]))
    add(.3 if kind in ("plant", "finance_lease") else .03, "plant_m2", "at_least", rnd.choice([500, 1000, 3000]))
    add(.08, "trade_value_fen", "at_least", rnd.choice([50, 100, 500]) * 1_000_000)
    add(.05, "customs_grade", "at_least", rnd.choice(CUSTOMS[1:]))
    add(.8, "court_enforcement", "is", False, .7)
    add(.6, "overdue_days", "at_most", rnd.choice([0, 0, 0, 30]), .6)
    add(.3, "debt_ratio_bp", "at_most", rnd.choice([6000, 6500, 7000, 8000]))
    add(.06, "segment_months", "at_least", rnd.choice([24, 36]))
    add(.05, "main_business_bp", "at_least", rnd.choice([5000, 7000, 8000]))
    add(.06, "revenue_growth_bp", "at_least", rnd.choice([0, 500, 1000]))
    add(.04, "rd_expense_fen", "at_least", rnd.choice([50, 100, 300]) * 1_000_000)
    add(.03, "total_assets_fen", "at_least", rnd.choice([500, 1000]) * 1_000_000)
    add(.05, "equity_fen", "at_least", rnd.choice([100, 500, 5000]) * 1_000_000)
    add(.08, "loan_to_sales_bp", "at_most", rnd.choice([3000, 5000]))
    add(.1, "rep_age", "at_most", rnd.choice([60, 65]))
    add(.08, "titles", "includes_any", subset(rnd, TITLES, 1, 3), .5)
    rnd.shuffle(cs)
    if rnd.random() < .15:
        cs.insert(rnd.randint(0, len(cs)), {"any": rnd.choice([
            [{"fact": "titles", "op": "includes_any", "value": subset(rnd, TITLES, 1, 3)}, {"fact": "tier", "op": "at_least", "value": rnd.choice(TIERS[2:]), "verified": True}],
            [{"fact": "ip_class1", "op": "at_least", "value": 1}, {"fact": "ip_class2", "op": "at_least", "value": rnd.choice([2, 4])}],
            [{"fact": "revenue_growth_bp", "op": "at_least", "value": 1000}, {"fact": "rd_intensity_bp", "op": "at_least", "value": 500}, {"fact": "invention_patents", "op": "at_least", "value": 3}],
            [{"fact": "tax_grade", "op": "at_least", "value": "A", "verified": True}, {"fact": "settlement_active_months", "op": "at_least", "value": 10}]])})
    caps = []
    if rnd.random() < .15: caps.append({"of": "revenue_fen", "bp": rnd.choice([1000, 2000, 3000, 5000])})
    if rnd.random() < .04: caps.append({"of": "equity_fen", "bp": rnd.choice([5000, 10000])})
    if long and rnd.random() < .35: caps.append({"of": "project_cost_fen", "bp": rnd.choice([6000, 7000, 8000])})
    if caps: p["amount_caps"] = caps
    return p

def enterprise(rnd, seen):
    while (u := uscc(rnd)) in seen: pass
    seen.add(u)
    scale = rnd.lognormvariate(0, 1.1)
    e = {"uscc": u, "name": f"示例企业{len(seen)}有限公司"}
    if rnd.random() < .99: e["established_on"] = (AS_OF - dt.timedelta(days=int(rnd.lognormvariate(7.6, .7)))).isoformat()
    f = e["facts"] = {}
    def put(key, value, known=.85, verified=.85):
        known = known + (1 - known) * .4
        if rnd.random() < known:
            f[key] = {"value": value, "verified": rnd.random() < verified}
            if rnd.random() < .3: f[key]["valid_until"] = (AS_OF + dt.timedelta(days=rnd.randint(-30, 400))).isoformat()
    put("tier", rnd.choices(TIERS, [35, 20, 22, 19, 4])[0], .95, .9)
    put("size", rnd.choices(SIZES, [40, 42, 16, 2])[0], .97)
    put("industry", rnd.choice(DIVISIONS), .99, 1)
    put("town", rnd.choice(TOWNS), .99, 1)
    put("listing_stage", rnd.choices(LISTING, [88, 6, 4, 1, 1])[0], .6)
    put("revenue_fen", int(20_00_000_000 * scale), .9)
    put("employees", max(1, int(45 * scale)), .9)
    put("rd_intensity_bp", rnd.randint(0, 900), .6, .5)
    put("invention_patents", int(rnd.expovariate(.35)), .7, .6)
    put("settlement_inflow_fen", int(15_00_000_000 * scale * rnd.uniform(.5, 1.5)), .8)
    put("settlement_active_months", rnd.choice([6, 8, 10, 11, 12, 12, 12, 12]), .8)
    put("tax_grade", rnd.choices(GRADES, [3, 6, 22, 39, 30])[0], .9, .9)
    put("tax_paid_fen", int(80_000_000 * scale * rnd.uniform(.3, 1.7)), .9, .9)
    put("tax_arrears", rnd.random() < .05, .9, .9)
    put("insured_headcount", max(0, int(38 * scale)), .85)
    put("insured_months", rnd.randint(0, 120), .8)
    put("land_m2", int(rnd.expovariate(1 / 6000)) if rnd.random() < .5 else 0, .7)
    put("plant_m2", int(rnd.expovariate(1 / 3000)) if rnd.random() < .5 else 0, .7)
    put("trade_value_fen", int(3_00_000_000 * scale) if rnd.random() < .3 else 0, .6)
    put("customs_grade", rnd.choices(CUSTOMS, [2, 85, 13])[0], .35)
    put("court_enforcement", rnd.random() < .03, .95, .95)
    put("overdue_days", rnd.choice([5, 20, 45, 120]) if rnd.random() < .06 else 0, .9, .9)
    put("debt_ratio_bp", rnd.randint(1500, 9500), .75)
    put("titles", subset(rnd, TITLES, 0, 3), .85)
    put("segment_months", rnd.randint(0, 180), .6)
    put("main_business_bp", rnd.randint(4000, 10000), .6)
    put("revenue_growth_bp", rnd.randint(-3000, 4000), .7)
    put("rd_expense_fen", int(90_000_000 * scale * rnd.random()), .6)
    put("ip_class1", int(rnd.expovariate(.6)), .6)
    put("ip_class2", int(rnd.expovariate(.2)), .6)
    put("total_assets_fen", int(rnd.uniform(5, 30) * 100_000_000 * scale), .7)
    put("equity_fen", int(rnd.uniform(-2, 10) * 100_000_000 * scale), .7)
    put("loan_to_sales_bp", rnd.randint(0, 9000), .6)
    put("rep_age", rnd.randint(24, 74), .8)
    return e

def request(rnd, i, e):
    purpose = rnd.choices(PURPOSES, [45, 10, 12, 5, 13, 15])[0]
    long = purpose in ("tech_upgrade", "fixed_assets", "commercialisation") and rnd.random() < .7
    r = {"id": f"R{i:06d}", "uscc": e["uscc"], "amount_fen": rnd.choice([10, 20, 30, 50, 80, 100, 150, 200, 300, 500, 800, 1000, 2000]) * 1_000_000,
         "term_months": rnd.choice([24, 36, 48, 60, 84, 120]) if long else rnd.choice([3, 6, 6, 9, 12, 12, 12, 18, 24]), "purpose": purpose,
         "guarantees": subset(rnd, GUARANTEES, 1, 3)}
    if purpose in ("tech_upgrade", "fixed_assets", "commercialisation") and rnd.random() < .75: r["project_cost_fen"] = int(r["amount_fen"] * rnd.uniform(1, 2.2))
    if rnd.random() < .2: r["kinds"] = subset(rnd, KINDS, 1, 3)
    if rnd.random() < .3: r["repayment"] = subset(rnd, METHODS, 1, 3)
    if rnd.random() < .4: r["max_cost_bp"] = rnd.randrange(330, 700, 10)
    if purpose == "refinancing" and rnd.random() < .95:
        r["existing_loan"] = {"bank": f"BANK{rnd.randint(1, 60):03d}", "matures_on": (AS_OF + dt.timedelta(days=rnd.randint(-10, 120))).isoformat(), "balance_fen": int(r["amount_fen"] * rnd.choice([.5, 1, 1, 1, 1.5]))}
    return r

def main():
    seed, np_, ne, nr, out = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    rnd = random.Random(seed)
    os.makedirs(out, exist_ok=True)
    gz = np_ > 500 or nr > 5000
    def write(name, rows):
        path = os.path.join(out, name + (".jsonl.gz" if gz else ".jsonl"))
        data = "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in rows).encode()
        with open(path, "wb") as f:
            f.write(gzip.compress(data, 9, mtime=0) if gz else data)
    seen = set()
    ps = [product(rnd, i) for i in range(1, np_ + 1)]
    es = [enterprise(rnd, seen) for _ in range(ne)]
    rs = [request(rnd, i, rnd.choice(es)) for i in range(1, nr + 1)]
    write("products", ps); write("enterprises", es); write("requests", rs)

if __name__ == "__main__":
    main()
