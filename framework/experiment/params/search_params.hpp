#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "experiment/plan.hpp"
#include "varia/better.hpp"
#include "varia/parameters.hpp"

namespace varia::experiment {

/// What every `search:` has.
struct SearchParams : ParamSet {
  Text metric{this, "metric", kUnset,
              "What is compared: a metric of the validation split, such as validation/elbo."};
  Choice order{this,
               "order",
               "auto",
               {"auto", "higher", "lower"},
               "Which values are better; auto: as the metric declares."};

 protected:
  void check() const override;
};

/// `search: {use: asha}`: asynchronous successive halving (Li et al. 2020).
struct AshaParams final : SearchParams {
  Integer min_epochs{this,
                     "min_epochs",
                     1,
                     {1, 1'000'000},
                     "Epochs that every trial is trained at least; evaluations, where train.steps "
                     "gives the length."};
  Integer factor{
      this, "factor", 3, {2, 1000}, "The best of so many go on, for so many times the epochs."};
};

/// `search: {use: tpe}`: tree-structured Parzen estimator (Bergstra et al. 2011).
struct TpeParams final : SearchParams {
  Integer startup{this,
                  "startup",
                  10,
                  {1, 100'000},
                  "Points of sweep.random that are drawn as without a search, before the first one "
                  "is proposed."};
  Integer candidates{
      this, "candidates", 24, {1, 100'000}, "Values drawn for each key, of which one is proposed."};
  Real gamma{this,
             "gamma",
             0.1,
             {0.001, 0.999},
             "The part of the points that counts as good, rounded up; 25 points at most."};
};

struct AshaSettings {
  std::int64_t min_records = 1;
  std::int64_t factor = 3;
};

struct TpeSettings {
  std::int64_t startup = 10;
  std::int64_t candidates = 24;
  double gamma = 0.1;
};

/// What `search:` asks for.
struct Search {
  std::string metric;              ///< "validation/elbo"
  Better order = Better::neither;  ///< which is better; neither: as the metric declares
  std::variant<AshaSettings, TpeSettings> method;
  Location where;         ///< of `search:`
  Location metric_where;  ///< of its metric

  /// Null if it is another search.
  const AshaSettings* asha() const { return std::get_if<AshaSettings>(&method); }
  const TpeSettings* tpe() const { return std::get_if<TpeSettings>(&method); }
};

/// Reads `search:` of an experiment; nullopt if it has none.
/// @throws ConfigError also if the metric is not one of the validation split
std::optional<Search> load_search(const Value& tree);

/// Checks that a search can select: every trial sets images aside for validation, and a metric that
/// the experiment asks for is measured where it is compared.
/// @throws ConfigError that names data.validation
void require_comparable(const Search& search, const Plan& plan);

}  // namespace varia::experiment
