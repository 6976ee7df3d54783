#include <fmt/format.h>

#include <optional>

#include "conformance/check.hpp"
#include "conformance/test_trial.hpp"
#include "training/evaluation/evaluator.hpp"
#include "varia/error.hpp"

namespace varia::conformance {

namespace {

/// Calls `check(components, evaluator)` for every model that suits on these data.
/// @param data     options of the data, of which models may refuse what not all do; empty: none
/// @param list     "metrics" or "views"
/// @param refusals why others do not suit
/// @returns false if none suits
template <class Function>
bool with_suited_models(const Subject& subject, const std::string& data, const std::string& list,
                        Findings& findings, std::string& refusals, const Function& check) {
  bool suited = false;
  for (const auto* model : subject.models) {
    std::optional<TestTrial> trial;
    std::optional<training::Evaluator> evaluator;
    try {
      trial.emplace("data: {use: synthetic, factors: true" + data + "}\nmodel: {use: " +
                        model->name + "}\n" + list + ": [" + subject.section() + "]\n",
                    subject.registry);
      evaluator.emplace(trial->components, trial->trial, subject.registry, 1);
    } catch (const ConfigError& error) {
      const std::string message = error.what();
      findings.expect(!data.empty() || message.find(subject.info.name) != std::string::npos,
                      fmt::format("its refusal of {} does not name it: {}", model->name, message));
      refusals += "; " + model->name + ": " + message;
      continue;
    }
    suited = true;
    check(model->name, trial->components, *evaluator);
  }
  return suited;
}

/// The same on the first data that suit a model; there must be such data.
template <class Function>
void with_suited_models(const Subject& subject, const std::string& list, Findings& findings,
                        const Function& check) {
  std::string refusals;
  const bool suited =
      with_suited_models(subject, "", list, findings, refusals, check) ||
      with_suited_models(subject, ", held_out: [2]", list, findings, refusals, check) ||
      with_suited_models(subject, ", counts: true", list, findings, refusals, check);
  findings.expect(suited,
                  fmt::format("none of the {} models suits it{}", subject.models.size(), refusals));
}

void gives_numbers(const Subject& subject, Findings& findings) {
  with_suited_models(
      subject, "metrics", findings,
      [&](const std::string& model, auto& components, auto& evaluator) {
        const auto& split = *components.data->splits.test;
        const auto first = evaluator.evaluate(split, {}, 1, 1);
        const auto second = evaluator.evaluate(split, {}, 1, 1);
        findings.expect(!first.infos.empty(), model + ": it gives no value");
        for (const auto& [name, info] : first.infos) {
          const auto where = fmt::format("{}: {}", model, name);
          findings.expect(!info.units.empty(), where + " has no unit");
          const auto value = first.values.find(name);
          findings.expect(value != first.values.end() && !value->second.values.empty(),
                          where + " has no number");
          if (value == first.values.end()) continue;
          findings.expect(same_bits(value->second.values, second.values.at(name).values),
                          where +
                              " is another number when it is measured again: does it draw from "
                              "the Evaluation's Draw alone?");
        }
      });
}

void check_tiles(const std::string& model, const std::vector<Picture>& pictures,
                 const std::vector<Picture>& again, Findings& findings) {
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto& tiles = pictures[i].tiles;
    const auto where = fmt::format("{}: picture {}", model, i);
    const bool shaped = tiles.defined() && tiles.dim() == 5 &&
                        (tiles.size(2) == 1 || tiles.size(2) == 3) && tiles.numel() > 0;
    findings.expect(shaped, fmt::format("{} is {}; expected [rows, columns, 1 or 3, H, W]", where,
                                        shape_text(tiles)));
    if (!shaped) continue;
    const auto low = tiles.min().template item<double>();
    const auto high = tiles.max().template item<double>();
    findings.expect(low >= 0 && high <= 1,
                    fmt::format("{} has pixels from {} to {}; expected 0 to 1", where, low, high));
    findings.expect(tiles.sizes() == pictures[0].tiles.sizes(),
                    fmt::format("{} is {}, the first one {}: one layout for all", where,
                                shape_text(tiles), shape_text(pictures[0].tiles)));
    findings.expect(at::equal(tiles, again.at(i).tiles), where + " differs when it is drawn again");
  }
}

void check_points(const std::string& model, const std::vector<Scatter>& scatters,
                  const std::vector<Scatter>& again, Findings& findings) {
  for (std::size_t i = 0; i < scatters.size(); ++i) {
    const auto& points = scatters[i].points;
    const auto where = fmt::format("{}: plot {}", model, i);
    const bool shaped = points.defined() && points.dim() == 2 && points.size(1) == 2;
    findings.expect(shaped, fmt::format("{} is {}; expected [n, 2]", where, shape_text(points)));
    if (!shaped) continue;
    findings.expect(at::equal(points, again.at(i).points),
                    where + " differs when it is drawn again");
  }
}

void shows_pictures(const Subject& subject, Findings& findings) {
  with_suited_models(subject, "views", findings,
                     [&](const std::string& model, auto&, auto& evaluator) {
                       const auto first = evaluator.render({}, 1, 1).at(0).second;
                       const auto second = evaluator.render({}, 1, 1).at(0).second;
                       findings.expect(first.pictures.size() + first.scatters.size() > 0,
                                       model + ": it shows neither pictures nor points");
                       check_tiles(model, first.pictures, second.pictures, findings);
                       check_points(model, first.scatters, second.scatters, findings);
                     });
}

}  // namespace

std::vector<Check> metric_checks() {
  return {{"gives numbers with a unit, the same each time, of models that suit it", gives_numbers}};
}

std::vector<Check> view_checks() {
  return {{"shows tiles or points, the same each time, of models that suit it", shows_pictures}};
}

}  // namespace varia::conformance
