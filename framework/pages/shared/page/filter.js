// The filter: text to conditions that trials keep. Its grammar:
//
//     any   = all {"or" all}
//     all   = one {["and"] one}
//     one   = "not" one | "(" any ")" | name operator value {"|" value} | word
//
// A name is a head of the leaderboard, a parameter, a metric or a field of trials. A word alone is
// a part of a setting's name, or the beginning of an id. Quotes make one word of several.
"use strict";

/// Those of numbers alone; = and != compare texts as well.
const kOrders = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};
const kOperatorForms = {"==": "=", "≠": "!=", "≤": "<=", "≥": ">="};

class FilterError extends Error {}

/// "beta >= 4" as [{text: "beta", kind: "word"}, {text: ">=", kind: "operator"}, ...]
function filterTokens(text) {
  const tokens = [];
  const token = /\s*(?:(?<quoted>"[^"]*")|(?<mark>[()|])|(?<operator>[=!<>]=|[=<>≠≤≥])|(?<word>\[[^\]]*\]|[^\s()|=!<>≠≤≥"]+))/y;
  const end = text.trimEnd().length;
  while (token.lastIndex < end) {
    const from = token.lastIndex;
    const found = token.exec(text);
    if (!found) {
      const rest = text.slice(from).trim();
      throw new FilterError(rest.startsWith('"') ? `The quote ${rest} has no end.`
                                                 : `Cannot read “${rest}”.`);
    }
    const {quoted, mark, operator, word} = found.groups;
    if (quoted) tokens.push({kind: "word", text: quoted.slice(1, -1), quoted: true});
    else if (mark) tokens.push({kind: mark, text: mark});
    else if (operator) tokens.push({kind: "operator", text: kOperatorForms[operator] ?? operator});
    else tokens.push({kind: "word", text: word});
  }
  return tokens;
}

// Names -------------------------------------------------------------------------------------------

const filterNames = () => [...axes.map(shortName), ...axes, ...trialFields(), "n",
                          ...parameters.keys(), ...metrics.keys()];

/// How many letters must change to make one text of another.
function editDistance(a, b) {
  let row = Array.from({length: b.length + 1}, (_, i) => i);
  for (let i = 1; i <= a.length; ++i) {
    const next = [i];
    for (let j = 1; j <= b.length; ++j)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row[b.length];
}

function nearestName(word) {
  const [distance, name] = filterNames().map((one) => [editDistance(word, one), one])
      .reduce((best, one) => (one[0] < best[0] ? one : best));
  return distance <= Math.max(2, word.length / 3) ? ` Did you mean ${name}?` : "";
}

/// What a name stands for: {key, numeric, values}, the last a promise of (trial) => value.
function named(word) {
  const axisKey = axes.find((key) => key === word || shortName(key) === word);
  const metric = [word, `${splitOf(state.metric)}/${word}`].find((name) => (
      metrics.get(name)?.final));
  if (axisKey || parameters.has(word)) {
    const key = axisKey ?? word;
    return {key, numeric: Boolean(parameters.get(key)?.numeric),
            values: async () => (trial) => axisValue(key, trial)};
  }
  if (word === "n")
    return {key: word, numeric: true,
            values: async () => {
              const {count} = await summaries(state.metric);
              return (trial) => count[settingOf[trial].index];
            }};
  if (trialFields().includes(word))
    return {key: word, numeric: report.trials[word].values.every(Number.isFinite),
            values: async () => (trial) => field(word, trial)};
  if (metric)
    return {key: metric, numeric: true, values: async () => {
      const values = await valuesNow(metric);
      return (trial) => values[trial];
    }};
  throw new FilterError(`Nothing is called ${word}.${nearestName(word)}`);
}

// Conditions --------------------------------------------------------------------------------------

const withoutSpaces = (text) => text.replace(/\s+/g, "");

/// A condition is a function that promises (trial) => whether the trial keeps it.
function comparison(name, operator, words) {
  const {key, numeric, values} = named(name);
  const wanted = words.map(({text, quoted}) => {
    if (!quoted && text === "none") return null;
    if (!numeric) return withoutSpaces(text);
    if (text === "" || Number.isNaN(Number(text)))
      throw new FilterError(`${name} is a number: expected one after ${operator}, found ${text}.`);
    return {number: Number(text), text};
  });
  if (!numeric && operator in kOrders)
    throw new FilterError(`${name} has texts for values: use = or != instead of ${operator}.`);
  const compare = kOrders[operator];
  const plain = (value) => {
    if (isMissing(value)) return null;
    if (numeric) return value;
    return withoutSpaces(Array.isArray(value) ? value.join(",") : valueText(value));
  };
  // A number is equal to the text that the page shows of it.
  const isSame = (value, one) => (value === null || one === null || !numeric ? value === one
      : value === one.number || [numberText(value), valueText(value)].includes(one.text));
  const isOne = (value) => wanted.some((one) => (operator === "=" ? isSame(value, one)
      : value !== null && one !== null && compare(value, one.number)));
  return async () => {
    const valueOf = await values(key);
    if (operator === "!=")
      return (trial) => !wanted.some((one) => isSame(plain(valueOf(trial)), one));
    return (trial) => isOne(plain(valueOf(trial)));
  };
}

function containing(word) {
  const part = word.toLowerCase();
  return async () => (trial) => (
      trialLabel(trial).toLowerCase().includes(part) || field("id", trial).startsWith(part));
}

/// Both or either of some conditions.
const joinedBy = (method, conditions) => (conditions.length === 1 ? conditions[0] : async () => {
  const tests = await Promise.all(conditions.map((condition) => condition()));
  return (trial) => tests[method]((test) => test(trial));
});

/// @returns a condition
/// @throws FilterError, which says what is wrong
function parseFilter(text) {
  const tokens = filterTokens(text);
  let at = 0;
  const isWord = (name) => tokens[at]?.kind === "word" && !tokens[at].quoted &&
      tokens[at].text.toLowerCase() === name;
  const take = () => tokens[at++];

  function any() {
    const parts = [all()];
    while (isWord("or")) {
      take();
      parts.push(all());
    }
    return joinedBy("some", parts);
  }
  function all() {
    const parts = [one()];
    while (at < tokens.length && tokens[at].kind !== ")" && !isWord("or")) {
      if (isWord("and")) take();
      parts.push(one());
    }
    return joinedBy("every", parts);
  }
  function one() {
    const token = take();
    if (!token) throw new FilterError("Something is missing at the end.");
    if (token.kind === "(") {
      const inner = any();
      if (take()?.kind !== ")") throw new FilterError("A parenthesis is not closed.");
      return inner;
    }
    if (token.kind !== "word")
      throw new FilterError(`Expected a name before ${token.text}.`);
    if (!token.quoted && ["and", "or"].includes(token.text.toLowerCase()))
      throw new FilterError(`Something is missing before “${token.text}”.`);
    if (!token.quoted && token.text.toLowerCase() === "not" && tokens[at]?.kind !== "operator") {
      const inner = one();
      return async () => {
        const test = await inner();
        return (trial) => !test(trial);
      };
    }
    if (tokens[at]?.kind !== "operator") return containing(token.text);
    const operator = take().text;
    const values = [];
    do {
      if (values.length > 0) take();
      if (tokens[at]?.kind !== "word")
        throw new FilterError(`Expected a value after ${token.text} ${operator}.`);
      values.push(take());
    } while (tokens[at]?.kind === "|");
    return comparison(token.text, operator, values);
  }

  if (tokens.length === 0) return async () => () => true;
  const condition = any();
  if (at < tokens.length) throw new FilterError(`Unexpected ${tokens[at].text}.`);
  return condition;
}
