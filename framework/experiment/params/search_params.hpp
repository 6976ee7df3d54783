#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "varia/better.hpp"
#include "varia/parameters.hpp"

namespace varia::experiment {

struct AshaSearch;
struct TpeSearch;

/// `search:` what every search has.
struct Search : ParamSet {
  Text metric{this, "metric", kUnset,
              "What is compared: a metric of the validation split, such as validation/elbo."};
  Choice order{this,
               "order",
               "auto",
               {"auto", "higher", "lower"},
               "Which values are better; auto: as the metric declares."};
  Location where;  ///< of `search:`

  /// Which values are better; neither: as the metric declares.
  Better better() const { return better_from_text(order()).value_or(Better::neither); }
  /// Null if it is another search.
  const AshaSearch* asha() const;
  const TpeSearch* tpe() const;

 protected:
  void check() const override;
};

/// `search: {use: asha}`: asynchronous successive halving (Li et al. 2020).
struct AshaSearch final : Search {
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
struct TpeSearch final : Search {
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

using SharedSearch = std::shared_ptr<const Search>;

/// Reads `search:` of an experiment; null if it has none.
/// @throws ConfigError also if the metric is not one of the validation split
SharedSearch load_search(const Value& tree);

/// What `search:` takes, as a JSON Schema (varia/parameter_schema.hpp).
Value search_schema();

}  // namespace varia::experiment
