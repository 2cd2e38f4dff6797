// A parameter: a slider where its range is one, and always a number.
const Knob = {
  props: ['knob', 'value', 'changed', 't'],
  template: `
    <div class="knob" :class="{ changed }" :data-knob="knob.path">
      <label :for="id">{{ knob.name }} <small v-if="knob.unit">[{{ knob.unit }}]</small></label>
      <input v-if="knob.slides" type="range" :min="knob.low" :max="knob.high" :step="fine" :value="value" :aria-label="knob.name"
             @input="soon($event.target.value)" @change="now($event.target.value)">
      <input :id="id" type="number" :value="shown" step="any" :min="knob.low" :max="knob.high"
             @change="now($event.target.value)">
      <button v-if="changed" @click="$emit('turn', null)" :aria-label="t['knob.back'] + ' ' + knob.name">↺</button>
      <details><summary :aria-label="t['knob.about'] + ' ' + knob.name">{{ knob.grade }}</summary>
        <p>{{ knob.doc }}. <span v-if="knob.low !== null || knob.high !== null">{{ t['knob.range'] }}: {{ knob.low }} – {{ knob.high }}.</span>
          {{ t['knob.usual'] }}: {{ knob.value }}. {{ t['knob.source'] }}: {{ knob.source }}.</p>
        <code>{{ knob.path }}</code>
      </details>
    </div>`,
  computed: {
    id() { return 'knob-' + this.knob.path.replace(/[^a-z0-9]/gi, '-'); },
    fine() { return this.knob.whole ? this.knob.step : 'any'; },
    shown() { return Number.isInteger(this.value) ? this.value : Number(this.value.toPrecision(6)); },
  },
  methods: {
    number(text) {
      let value = Number(text);
      if (text === '' || !Number.isFinite(value)) return null;
      if (this.knob.whole) return Math.round(value);
      const { slides, step } = this.knob;
      return slides ? Number(value.toPrecision(12)) : value;
    },
    rounded(text) { // a slider stands on round values
      const { step, low, high, whole } = this.knob;
      if (whole) return text;
      const round = Math.round(Number(text) / step) * step;
      return String(Math.min(Math.max(Number(round.toPrecision(6)), low), high));
    },
    now(text) {
      clearTimeout(this.later);
      const value = this.number(this.knob.slides && document.activeElement && document.activeElement.type === 'range' ? this.rounded(text) : text);
      if (value !== null && value !== this.last) { this.last = value; this.$emit('turn', value); }
    },
    soon(text) {
      clearTimeout(this.later);
      this.later = setTimeout(() => this.now(text), 120);
    },
  },
  watch: { value() { this.last = undefined; } },
};
