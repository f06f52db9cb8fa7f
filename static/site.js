// 融桥：页面脚本。没有它，每个页面照样能用；它只帮着核对、保存和打印。
(function () {
  'use strict';

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const half = (text) => text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));

  // 统一社会信用代码：边填边提示还差几位、有没有不会出现的字母，满 18 位核对校验位。
  const LETTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  function usccHint(text) {
    const code = half(text).replace(/\s/g, '').toUpperCase();
    const bad = Array.from(code).find((c) => !LETTERS.includes(c));
    if (!code) return '';
    if (bad) return `代码里不会有“${bad}”` + ('IOSVZ'.includes(bad) ? '，请看看是不是数字' : '');
    if (code.length < 18) return `还差 ${18 - code.length} 位`;
    if (code.length > 18) return `多了 ${code.length - 18} 位`;
    let sum = 0;
    let weight = 1;
    for (const c of code.slice(0, 17)) {
      sum += LETTERS.indexOf(c) * weight;
      weight = (weight * 3) % 31;
    }
    return LETTERS[(31 - (sum % 31)) % 31] === code[17] ? '校验位正确' : '校验位不对，请对照营业执照再看一遍';
  }

  // 金额：以万元填写，下方回显为元；按位移动小数点，不经过浮点数。
  function wanHint(text) {
    const typed = half(text).replace(/[,\s，]/g, '').replace(/[。．]/g, '.').replace(/万?元?$/, '');
    const match = /^(\d{1,12})(?:\.(\d*))?$/.exec(typed);
    if (!typed) return '';
    if (!match) return '请只填数字，例如 500 或 12.5';
    const decimals = match[2] || '';
    if (decimals.length > 6) return '最多六位小数（精确到分）';
    const fen = (match[1] + decimals.padEnd(6, '0')).replace(/^0+(?=\d{3})/, '');
    const yuan = fen.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
    return `即 ${yuan}.${fen.slice(-2)} 元`;
  }

  function echo(input, hint) {
    const place = document.getElementById(input.dataset.echo);
    if (!place) return;
    const show = () => { place.textContent = hint(input.value); };
    input.addEventListener('input', show);
    show();
  }
  all('input[data-wan]').forEach((input) => echo(input, wanHint));
  all('input[data-uscc]').forEach((input) => echo(input, usccHint));

  // 已选几项。
  all('[data-count]').forEach((group) => {
    const place = document.getElementById(group.dataset.count);
    const show = () => {
      const chosen = all('input:checked', group).length;
      place.textContent = chosen ? `已选 ${chosen} 项` : '';
    };
    group.addEventListener('change', show);
    show();
  });

  // 草稿：停下两秒就保存；还没有草稿时由第一次保存建立。
  all('form[data-autosave]').forEach((form) => {
    const place = form.querySelector('[data-saved]');
    let timer = 0;
    let running = null;
    let stale = false;

    async function save() {
      const response = await fetch(form.action, {
        method: 'POST',
        headers: { 'X-Autosave': '1', Accept: 'application/json' },
        body: new URLSearchParams(new FormData(form)),
        redirect: 'error',
      });
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      if (answer.action) {
        form.action = answer.action;
        history.replaceState(null, '', answer.action);
      }
      if (place && answer.saved) place.textContent = `草稿已保存 ${answer.saved}`;
    }

    function soon() {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (running) {
          stale = true;
          return;
        }
        running = save()
          .catch(() => { if (place) place.textContent = '草稿还没有保存上，点“保存”再试一次'; })
          .finally(() => {
            running = null;
            if (stale) {
              stale = false;
              soon();
            }
          });
      }, 2000);
    }
    form.addEventListener('input', soon);
    form.addEventListener('change', soon);

    // 保存途中点了按钮：等它结束再提交，免得同一份需求建两次。
    form.addEventListener('submit', (event) => {
      clearTimeout(timer);
      stale = false;
      if (!running) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = event.submitter;
      running.finally(() => form.requestSubmit(button));
    });
  });

  // 只提交一次：第二次点击不再发出。回到本页时重新放开。
  all('form[method=post]').forEach((form) => {
    form.addEventListener('submit', (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = '1';
      all('button', form).forEach((button) => button.setAttribute('aria-disabled', 'true'));
    });
  });
  window.addEventListener('pageshow', () => {
    all('form[data-sent]').forEach((form) => {
      delete form.dataset.sent;
      all('button', form).forEach((button) => button.removeAttribute('aria-disabled'));
    });
  });

  // 打印：没有脚本就没有这个按钮，用浏览器自己的打印即可。打印时展开折叠的内容。
  all('[data-print]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  });
  window.addEventListener('beforeprint', () => {
    all('details:not([open])').forEach((part) => {
      part.open = true;
      part.dataset.opened = '1';
    });
  });
  window.addEventListener('afterprint', () => {
    all('details[data-opened]').forEach((part) => {
      part.open = false;
      delete part.dataset.opened;
    });
  });

  // 页内链接指到折叠内容时，把它展开。
  function reveal() {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const part = target && (target.closest('details') || target.querySelector('details'));
    if (part) part.open = true;
  }
  window.addEventListener('hashchange', reveal);
  reveal();

  // 有误：焦点到错误摘要，逐条链到各自的字段。
  const errors = document.querySelector('[data-errors]');
  if (errors) errors.focus();
})();
