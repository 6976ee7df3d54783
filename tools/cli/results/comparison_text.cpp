#include "cli/results/comparison_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "cli/terminal/delimited.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal_plot.hpp"
#include "cli/terminal/text.hpp"
#include "varia/value.hpp"

namespace varia::cli {

namespace {

using analysis::ComparedSetting;
using analysis::Comparison;
using analysis::Estimate;

std::string interval_text(const statistics::Interval& interval) {
  return std::isnan(interval.low)
             ? "-"
             : fmt::format("[{}, {}]", short_number(interval.low), short_number(interval.high));
}

/// Which columns a table needs.
struct Columns {
  bool rank_value = false;  ///< what ranks is not one of the metrics
  bool missing = false;
  bool differences = false;  ///< of one metric; two have a front instead
  bool tests = false;        ///< some difference is of two pairs or more
  bool images = false;       ///< some difference has an interval over images
  bool counts_differ = false;

  explicit Columns(const Comparison& comparison) {
    const auto is_ranking = [&](const auto& metric) { return metric.name == comparison.ranked_by; };
    rank_value = std::none_of(comparison.metrics.begin(), comparison.metrics.end(), is_ranking);
    for (const auto& setting : comparison.settings) {
      for (const auto& estimate : setting.estimates) {
        missing |= estimate.sample.missing().total() > 0;
        counts_differ |= estimate.summary.count != setting.estimates.front().summary.count;
      }
      const auto& difference = setting.estimates.front().difference;
      if (setting.estimates.size() > 1 || !difference) continue;
      differences = true;
      tests |= difference->pairs > 1;
      images |= setting.estimates.front().image_difference.has_value();
    }
  }
};

std::vector<Table::Column> header_of(const Comparison& comparison, const Columns& columns) {
  std::vector<Table::Column> header = {"rank"};
  for (const auto& key : comparison.keys) header.emplace_back(printable(key), 1);
  if (comparison.keys.empty()) header.emplace_back("setting");
  for (const auto& key : comparison.best) header.emplace_back("best " + printable(key), 1);
  if (columns.rank_value) header.emplace_back(printable(comparison.ranked_by), 2);
  for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
    header.emplace_back(printable(comparison.metrics[m].name));
    header.emplace_back("95% interval", 3);
    if (m == 0 || columns.counts_differ) header.emplace_back("n", 5);
  }
  if (columns.missing) header.emplace_back("missing values", 2);
  if (comparison.metrics.size() == 2) header.emplace_back("front");
  if (columns.differences) header.emplace_back("difference", 2);
  if (columns.tests)
    header.insert(header.end(), {{"95% interval", 4}, {"pairs", 6}, {"p", 6}, {"p (Holm)", 3}});
  if (columns.images) header.emplace_back("over images", 4);
  return header;
}

/// A test that cannot come out below it says nothing.
constexpr double kUselessP = 0.25;

/// @param smallest that it can be
std::string p_text(double p, double smallest) {
  if (smallest >= kUselessP) return "–";
  return std::isnan(p) ? "-" : fmt::format("{:.2g}", p);
}

std::size_t tests_of(const Comparison& comparison) {
  return static_cast<std::size_t>(std::ranges::count_if(comparison.settings, [](const auto& one) {
    const auto& difference = one.estimates.front().difference;
    return difference && difference->pairs > 0;
  }));
}

void add_difference(const Comparison& comparison, const ComparedSetting& setting,
                    const Columns& columns, std::vector<std::string>& cells) {
  const auto& estimate = setting.estimates.front();
  if (!estimate.difference) {
    const bool is_reference =
        setting.reference && &comparison.settings[*setting.reference] == &setting;
    cells.emplace_back(is_reference ? "reference" : "-");
    return;
  }
  const auto& difference = *estimate.difference;
  cells.push_back(std::isnan(difference.centre) ? "-" : fmt::format("{:+.4g}", difference.centre));
  if (columns.tests) {
    cells.push_back(interval_text(difference.interval));
    cells.push_back(std::to_string(difference.pairs));
    cells.push_back(p_text(difference.p, difference.smallest_p));
    cells.push_back(p_text(estimate.corrected_p, estimate.smallest_corrected_p));
  }
  if (columns.images)
    cells.push_back(estimate.image_difference ? interval_text(estimate.image_difference->interval)
                                              : "-");
}

std::vector<std::string> row_of(const Comparison& comparison, const Columns& columns,
                                const ComparedSetting& setting) {
  std::vector<std::string> cells = {setting.rank > 0 ? std::to_string(setting.rank) : "-"};
  for (const auto& value : setting.values) cells.push_back(printable(value));
  if (comparison.keys.empty()) cells.emplace_back("all trials");
  for (const auto& value : setting.chosen) cells.push_back(printable(value));
  if (columns.rank_value) cells.push_back(short_number(setting.rank_summary.centre));
  std::string missing;
  for (std::size_t m = 0; m < setting.estimates.size(); ++m) {
    const auto& estimate = setting.estimates[m];
    cells.push_back(short_number(estimate.summary.centre));
    cells.push_back(interval_text(estimate.summary.interval));
    if (m == 0 || columns.counts_differ) cells.push_back(std::to_string(estimate.summary.count));
    const auto text = estimate.sample.missing().text();
    if (text != missing) missing += (missing.empty() || text.empty() ? "" : "; ") + text;
  }
  if (columns.missing) cells.push_back(missing);
  if (comparison.metrics.size() == 2) cells.emplace_back(setting.on_front ? "*" : "");
  if (columns.differences) add_difference(comparison, setting, columns, cells);
  return cells;
}

/// The name of a setting by the keys in which those of its class differ.
std::string short_name(const Comparison& comparison, const ComparedSetting& setting) {
  std::vector<std::string> keys, values;
  for (std::size_t k = 0; k < comparison.keys.size(); ++k) {
    const auto differs = [&](const ComparedSetting& other) {
      return other.class_index == setting.class_index && other.values[k] != setting.values[k];
    };
    if (std::none_of(comparison.settings.begin(), comparison.settings.end(), differs)) continue;
    keys.push_back(comparison.keys[k]);
    values.push_back(setting.values[k]);
  }
  keys.insert(keys.end(), comparison.best.begin(), comparison.best.end());
  values.insert(values.end(), setting.chosen.begin(), setting.chosen.end());
  return printable(analysis::setting_name(keys, values));
}

std::string estimates_text(const Comparison& comparison) {
  const bool has_values = std::ranges::any_of(comparison.settings, [](const auto& setting) {
    return std::ranges::any_of(setting.estimates,
                               [](const auto& estimate) { return estimate.summary.count > 0; });
  });
  if (!has_values) return "no setting has a value\n";
  const std::string text = comparison.centre == statistics::Centre::mean
                               ? "means with Student's interval"
                               : "inter-quartile means with the bootstrap interval";
  return text + (comparison.over.empty()
                     ? ", over seeds\n"
                     : fmt::format(", over values of {}, each the mean of its seeds\n",
                                   printable(fmt::format("{}", fmt::join(comparison.over, ", ")))));
}

/// How small the p of the first metric's tests can be at all.
std::string tests_text(const Comparison& comparison) {
  const auto tests = tests_of(comparison);
  std::size_t most_pairs = 0;
  double smallest_p = 1;  // with the most pairs
  double least_corrected = 1, most_corrected = 0;
  bool exact = true;
  for (const auto& setting : comparison.settings) {
    const auto& estimate = setting.estimates.front();
    const auto& difference = estimate.difference;
    if (!difference || difference->pairs == 0) continue;
    exact &= difference->exact;
    least_corrected = std::min(least_corrected, estimate.smallest_corrected_p);
    most_corrected = std::max(most_corrected, estimate.smallest_corrected_p);
    if (difference->pairs <= most_pairs) continue;
    most_pairs = difference->pairs;
    smallest_p = difference->smallest_p;
  }
  if (tests == 0) return "";
  return fmt::format(
      "difference: {}over what is shared with the reference; p: {} paired permutation test\n"
      "with {} no p is below {:.2g}, and none below {:.2g} after Holm's correction for {}{}\n",
      comparison.centre == statistics::Centre::mean ? "mean " : "of inter-quartile means ",
      exact ? "exact" : "random", count_text(most_pairs, "pair"), smallest_p, least_corrected,
      count_text(tests, "test"),
      most_corrected >= kUselessP
          ? fmt::format("; –: cannot be below {}, so that it says nothing", kUselessP)
          : "");
}

/// What the first metric's intervals over images are.
std::string images_text(const Comparison& comparison) {
  std::size_t fewest = 0, most = 0;
  for (const auto& setting : comparison.settings) {
    const auto& difference = setting.estimates.front().image_difference;
    if (!difference) continue;
    fewest = most == 0 ? difference->images : std::min(fewest, difference->images);
    most = std::max(most, difference->images);
  }
  return fmt::format(
      "over images: Student's 95% interval of the mean difference over {}{} images, of the models "
      "that were trained\n",
      fewest == most ? "" : fmt::format("{} to ", fewest), most);
}

/// A number in mathematics: "-0.25", "1.5 \\times 10^{-5}"; nullopt if it is not one.
std::optional<std::string> latex_number(const std::string& text) {
  const auto number = Value::scalar(text).as_real();
  if (!number || !std::isfinite(*number)) return std::nullopt;
  const auto exponent = text.find('e');
  if (exponent == std::string::npos) return text;
  return fmt::format("{} \\times 10^{{{}}}", text.substr(0, exponent),
                     std::stoi(text.substr(exponent + 1)));
}

/// A cell of a table for people: text, a number, or an interval.
/// @param is_parameter its brackets are those of a list, however long that is
std::string latex_cell(const std::string& cell, bool is_parameter) {
  if (cell == "-" || cell == "–") return "--";
  if (const auto number = latex_number(cell)) return "$" + *number + "$";
  const auto comma = cell.find(", ");
  if (!is_parameter && cell.starts_with('[') && cell.ends_with(']') && comma != std::string::npos) {
    const auto low = latex_number(cell.substr(1, comma - 1));
    const auto high = latex_number(cell.substr(comma + 2, cell.size() - comma - 3));
    if (low && high) return fmt::format("$[{}, {}]$", *low, *high);
  }
  return latex_text(cell);
}

}  // namespace

std::string full_name(const Comparison& comparison, const ComparedSetting& setting) {
  auto keys = comparison.keys;
  auto values = setting.values;
  keys.insert(keys.end(), comparison.best.begin(), comparison.best.end());
  values.insert(values.end(), setting.chosen.begin(), setting.chosen.end());
  return analysis::setting_name(keys, values);
}

std::string ranking_text(const Comparison& comparison) {
  const bool is_test = comparison.ranked_by.starts_with("test/");
  return fmt::format(
      "{} of {}, ranked {}{}, {} first", count_text(comparison.settings.size(), "setting"),
      count_text(comparison.trials, "trial"), is_test ? "on the test set by " : "by ",
      printable(comparison.ranked_by),
      comparison.metrics.front().info.better == Better::higher ? "highest" : "lowest");
}

std::string comparison_text(const Comparison& comparison, std::size_t limit,
                            const TextStyle& style) {
  const Columns columns(comparison);
  std::string text;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < comparison.settings.size() && shown < limit;) {
    const auto class_index = comparison.settings[i].class_index;
    if (comparison.classes.size() > 1)
      text += fmt::format("{}{}\n", text.empty() ? "" : "\n",
                          printable(comparison.classes[class_index]));
    Table table(header_of(comparison, columns));
    for (; i < comparison.settings.size() && comparison.settings[i].class_index == class_index; ++i)
      if (shown++ < limit) table.add(row_of(comparison, columns, comparison.settings[i]));
    text += table.text(style);
  }
  std::string notes = "\n" + ranking_text(comparison) + "\n";
  if (limit < comparison.settings.size())
    notes += fmt::format("{} {} not shown; --all lists them\n",
                         count_text(comparison.settings.size() - limit, "setting"),
                         comparison.settings.size() - limit == 1 ? "is" : "are");

  notes += estimates_text(comparison);
  if (columns.tests) notes += tests_text(comparison);
  if (columns.images) notes += images_text(comparison);
  if (comparison.metrics.size() == 2)
    notes += "front: no other setting is as good in both metrics and better in one\n";
  for (const auto& note : comparison.notes) notes += "note: " + printable(note) + "\n";
  return text + wrapped(notes, style.width, 2);
}

std::string comparison_latex(const Comparison& comparison) {
  const Columns columns(comparison);
  std::vector<std::string> names;
  for (const auto& column : header_of(comparison, columns)) names.push_back(column.name);
  const auto settings = std::max<std::size_t>(1, comparison.keys.size()) + comparison.best.size();
  const auto line_of = [](const std::vector<std::string>& cells, const auto& convert) {
    std::vector<std::string> converted;
    for (std::size_t i = 0; i < cells.size(); ++i) converted.push_back(convert(cells[i], i));
    return fmt::format("  {} \\\\\n", fmt::join(converted, " & "));
  };
  std::string text = "% " + latex_text(ranking_text(comparison)) + "\n";
  for (const auto& note : comparison.notes) text += "% " + latex_text(note) + "\n";
  for (std::size_t c = 0; c < comparison.classes.size(); ++c) {
    if (comparison.classes.size() > 1) text += "% " + latex_text(comparison.classes[c]) + "\n";
    text +=
        fmt::format("\\begin{{tabular}}{{r{}{}}}\n  \\toprule\n{}  \\midrule\n",
                    std::string(settings, 'l'), std::string(names.size() - 1 - settings, 'r'),
                    line_of(names, [](const auto& name, std::size_t) { return latex_text(name); }));
    for (const auto& setting : comparison.settings)
      if (setting.class_index == c)
        text += line_of(row_of(comparison, columns, setting), [&](const auto& cell, std::size_t i) {
          return latex_cell(cell, i > 0 && i <= settings);
        });
    text += "  \\bottomrule\n\\end{tabular}\n";
  }
  return text;
}

std::string comparison_plot(const Comparison& comparison, std::size_t limit, std::size_t width) {
  std::string text;
  for (std::size_t c = 0; c < comparison.classes.size(); ++c) {
    std::vector<PlottedInterval> lines;
    std::vector<PlottedPoint> points;
    for (std::size_t i = 0; i < std::min(limit, comparison.settings.size()); ++i) {
      const auto& setting = comparison.settings[i];
      if (setting.class_index != c) continue;
      const auto& first = setting.estimates.front();
      lines.push_back({short_name(comparison, setting), first.summary.centre,
                       first.summary.interval, first.sample.values()});
      if (setting.estimates.size() == 2)
        points.push_back(
            {first.summary.centre, setting.estimates[1].summary.centre, setting.on_front});
    }
    if (lines.empty()) continue;
    text += "\n";
    if (comparison.classes.size() > 1) text += printable(comparison.classes[c]) + "\n";
    if (points.empty()) {
      text += printable(comparison.metrics.front().name) + "\n" + interval_plot(lines, width);
    } else {
      text += scatter_plot(points, printable(comparison.metrics[0].name),
                           printable(comparison.metrics[1].name), width);
    }
  }
  return text;
}

}  // namespace varia::cli
