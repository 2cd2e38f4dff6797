// A picture: Vega draws its specification once, and then only its rows change.
const wait = (ready) => new Promise((done) => {
  const look = () => (ready() ? done() : setTimeout(look, 25));
  look();
});

// Columns become rows: they travel as columns because that is half as long.
const unpacked = (columns) => {
  const names = Object.keys(columns);
  const n = names.length ? columns[names[0]].length : 0;
  return Array.from({ length: n }, (_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
};

const Plot = {
  props: ['plot', 'rows', 'locale', 'narrow', 'day'],
  template: `
    <figure :data-plot="plot.name" :class="{ half: plot.half }">
      <figcaption><strong>{{ plot.title }}</strong> {{ plot.caption }}</figcaption>
      <div class="place" ref="place" role="img" :aria-label="plot.title + '. ' + plot.caption"></div>
    </figure>`,
  computed: {
    spec() { return JSON.stringify(this.narrow && this.plot.narrow ? this.plot.narrow : this.plot.spec); },
    form() { return this.spec + JSON.stringify(this.locale || null); },
  },
  watch: {
    form() { this.embed(); },
    rows() { this.fill(); },
  },
  mounted() { this.embed(); },
  beforeDestroy() {
    this.gone = true;
    if (this.result) this.result.finalize();
  },
  methods: {
    async embed() {
      const turn = (this.turn = (this.turn || 0) + 1);
      await wait(() => window.vegaEmbed && (this.gone || this.$refs.place.clientWidth));
      if (this.gone || turn !== this.turn) return;
      const box = document.createElement('div'); // drawn aside, so that nothing flickers
      box.style.width = '100%';
      this.$refs.place.appendChild(box);
      const options = { actions: false, renderer: this.plot.name === 'network' ? 'canvas' : 'svg', ...(this.locale || {}) };
      const result = await window.vegaEmbed(box, JSON.parse(this.spec), options);
      if (this.gone || turn !== this.turn) { result.finalize(); box.remove(); return; }
      if (this.result) { this.result.finalize(); this.box.remove(); }
      this.result = result;
      this.box = box;
      this.busy = false;
      this.fill();
    },
    async fill() {
      if (!this.result || this.gone) return;
      if (this.busy) { this.again = true; return; } // the latest rows are drawn when there is time
      this.busy = true;
      const { view } = this.result, day = this.day;
      for (const [name, columns] of Object.entries(this.rows || {})) {
        try { view.data(name); } catch (_) { continue; } // rows of another picture of the view
        view.data(name, unpacked(columns));
      }
      await view.resize().runAsync();
      this.busy = false;
      this.$emit('drawn', day);
      if (this.again) { this.again = false; this.fill(); }
    },
  },
};
