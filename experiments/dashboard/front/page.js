const LINK_EVERY = 1000; // milliseconds: browsers refuse to be told a new address more often

module.exports = {
  components: { plot: Plot, knob: Knob },
  data() {
    return {
      d: {}, f: {}, seen: { cards: [] }, problem: '', busy: '', copied: false, open: true, opened: { 'ten': true }, until: 28,
      pace: '', narrow: false, drawn: -1, guess: '', covered: false, revealed: null, link: '',
    };
  },
  created() {
    this.take('desk');
    this.take('frame');
  },
  mounted() {
    this.narrow = window.innerWidth < 700;
    this.open = !this.narrow;
    this.onResize = () => { this.narrow = window.innerWidth < 700; };
    this.onKey = (event) => this.key(event);
    window.addEventListener('resize', this.onResize);
    window.addEventListener('keydown', this.onKey);
    this.ticking = setInterval(() => this.keepLink(), LINK_EVERY);
    if (!document.querySelector('script[data-vega]')) {
      const script = document.createElement('script');
      script.src = '/etalase/vega.js';
      script.dataset.vega = '1';
      document.head.appendChild(script);
    }
  },
  beforeDestroy() {
    clearInterval(this.ticking);
    window.removeEventListener('resize', this.onResize);
    window.removeEventListener('keydown', this.onKey);
  },
  watch: {
    desk() { this.take('desk'); },
    frame() { this.take('frame'); },
    note() { this.problem = JSON.parse(this.note).line; this.busy = ''; },
    file() { this.save(JSON.parse(this.file)); },
  },
  computed: {
    t() { return this.d.texts || {}; },
    changed() { return Object.keys(this.d.changes || {}).length; },
    spoken() {
      return this.f.doing === 'paused' ? `${this.t.day} ${this.f.day}. ${(this.seen.says || [])[0] || ''}` : '';
    },
    judged() {
      const { guess, effect } = this.revealed, twins = (100 * effect).toFixed(1);
      return (this.t['guess.answer'] || '').replace('{guess}', guess).replace('{twins}', twins);
    },
  },
  methods: {
    act(name, value) { this.act_on({ name, value: value === undefined ? null : value }); },
    take(what) {
      if (!this[what]) return;
      const found = JSON.parse(this[what]);
      if (what === 'desk') {
        this.d = found;
        document.documentElement.lang = found.language;
        return;
      }
      this.f = found;
      this.link = found.link || this.link;
      if (found.cards) this.seen = found;
    },
    turn(path, value) { this.act('change', { path, value }); },
    value(knob) { return knob.path in this.d.changes ? this.d.changes[knob.path] : knob.value; },
    changedIn(group) { return group.knobs.filter((k) => k.path in this.d.changes).length; },
    whole(text) { const n = Number(text); return Number.isInteger(n) && String(text).trim() !== '' ? n : text; },
    lettersStay(event) { // shortcuts are for who is not writing
      this.writing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    },
    key(event) {
      const { tagName } = event.target;
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(tagName)) return;
      if (event.key === ' ' && !/^(BUTTON|SUMMARY)$/.test(tagName)) {
        event.preventDefault();
        this.act(this.f.doing === 'running' ? 'pause' : 'play');
      }
      if (event.key === '.') this.act('step');
    },
    alongTabs(event, k) {
      const n = this.d.views.length;
      const to = { ArrowRight: (k + 1) % n, ArrowLeft: (k + n - 1) % n, Home: 0, End: n - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.target.parentElement.children[to].focus();
      this.act('view', this.d.views[to].name);
    },
    keepLink() {
      const wanted = '?' + this.link;
      if (this.link && window.location.search !== wanted) window.history.replaceState(null, '', wanted);
    },
    async copyLink() {
      this.keepLink();
      try {
        await navigator.clipboard.writeText(window.location.href);
        this.copied = true;
        setTimeout(() => { this.copied = false; }, 2000);
      } catch (_) {
        this.problem = window.location.href;
      }
    },
    closeMenu(event) {
      event.target.closest('details').open = false;
      this.busy = this.t['export.busy'];
    },
    save({ name, type, content }) {
      this.busy = '';
      const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
      const anchor = document.createElement('a');
      anchor.href = URL.createObjectURL(new Blob([bytes], { type }));
      anchor.download = name;
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
    },
    async readFile(event) {
      const [file] = event.target.files;
      event.target.value = '';
      event.target.closest('details').open = false;
      if (!file) return;
      if (file.size > 1e6) { this.problem = this.t['wrong.large']; return; }
      this.act('file', await file.text());
    },
    hold() { this.covered = true; this.revealed = null; },
    reveal() {
      this.covered = false;
      this.revealed = { guess: this.guess, effect: this.seen.effect || 0 };
    },
  },
};
