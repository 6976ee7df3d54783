#include "sap.hpp"

#include <linear.h>

#include <array>
#include <memory>
#include <vector>

#include "varia/error.hpp"

namespace varia::metrics {

namespace {

constexpr double kC = 0.01;
// The solver is that of the primal problem: that of the dual one, which scikit-learn takes, draws
// from the C library's generator and stops early at tolerance 1e-4.
constexpr double kTolerance = 1e-6;

/// One dimension's values as liblinear reads them, a bias beside each.
class Column {
 public:
  Column(const FactorCodes& codes, std::size_t dimension) : nodes_(codes.count) {
    for (std::size_t i = 0; i < codes.count; ++i) {
      nodes_[i] = {{{1, codes.point(i, dimension)}, {2, 1}, {-1, 0}}};
      rows_.push_back(nodes_[i].data());
    }
  }
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  /// [n] rows, which liblinear does not change.
  feature_node** rows() { return rows_.data(); }

 private:
  std::vector<std::array<feature_node, 3>> nodes_;
  std::vector<feature_node*> rows_;
};

struct FreeModel {
  void operator()(model* it) const { free_and_destroy_model(&it); }
};

/// Weights by which every class counts as much as another.
struct BalancedClasses {
  BalancedClasses(const FactorCodes& codes, std::size_t factor) {
    const auto groups = places_by_value(codes, factor, 1);
    for (const auto& group : groups) {
      labels.push_back(static_cast<int>(codes.factor(group.front(), factor)));
      weights.push_back(static_cast<double>(codes.count) /
                        static_cast<double>(groups.size() * group.size()));
    }
  }
  std::vector<int> labels;
  std::vector<double> weights;
};

std::vector<double> values_of(const FactorCodes& codes, std::size_t factor) {
  std::vector<double> values;
  for (std::size_t i = 0; i < codes.count; ++i)
    values.push_back(static_cast<double>(codes.factor(i, factor)));
  return values;
}

std::unique_ptr<model, FreeModel> classifier(Column& column, std::vector<double> values,
                                             BalancedClasses classes) {
  problem data{};
  data.l = static_cast<int>(values.size());
  data.n = 2;
  data.y = values.data();
  data.x = column.rows();
  data.bias = 1;
  parameter parameters{};
  parameters.solver_type = L2R_L2LOSS_SVC;
  parameters.eps = kTolerance;
  parameters.C = kC;
  parameters.nr_weight = static_cast<int>(classes.labels.size());
  parameters.weight_label = classes.labels.data();
  parameters.weight = classes.weights.data();
#if LIBLINEAR_VERSION >= 240
  parameters.regularize_bias = 1;
#endif
  if (const char* const error = check_parameter(&data, &parameters))
    throw Error(std::string("SAP: liblinear refuses the problem: ") + error);
  set_print_string_function([](const char*) {});
  return std::unique_ptr<model, FreeModel>(::train(&data, &parameters));
}

/// Of some of the codes; NaN of none.
double accuracy(const model& found, Column& column, const std::vector<double>& values,
                const Places& places) {
  std::size_t right = 0;
  for (const auto i : places)
    if (predict(&found, column.rows()[i]) == values[i]) ++right;
  return static_cast<double>(right) / static_cast<double>(places.size());
}

/// Sums of products of what two columns are away from their means.
double products(const std::vector<double>& a, const std::vector<double>& b) {
  const auto mean = [](const std::vector<double>& numbers) {
    double sum = 0;
    for (const double number : numbers) sum += number;
    return sum / static_cast<double>(numbers.size());
  };
  const double mean_a = mean(a), mean_b = mean(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum;
}

}  // namespace

FactorMatrix svm_accuracies(const FactorCodes& train, const FactorCodes& judged) {
  FactorMatrix accuracies(train.dimensions, train.factor_count);
  std::vector<Places> places;  // of each factor
  for (std::size_t f = 0; f < train.factor_count; ++f)
    places.push_back(places_of_known_values(train, judged, f));
  for (std::size_t d = 0; d < train.dimensions; ++d) {
    Column known(train, d), asked(judged, d);
    for (std::size_t f = 0; f < train.factor_count; ++f) {
      const auto found = classifier(known, values_of(train, f), {train, f});
      accuracies(d, f) = accuracy(*found, asked, values_of(judged, f), places[f]);
    }
  }
  return accuracies;
}

FactorMatrix squared_correlations(const FactorCodes& codes) {
  constexpr double kLeastVariance = 1e-12;
  FactorMatrix correlations(codes.dimensions, codes.factor_count);
  const auto least = kLeastVariance * static_cast<double>(codes.count - 1);
  for (std::size_t d = 0; d < codes.dimensions; ++d) {
    std::vector<double> column;
    for (std::size_t i = 0; i < codes.count; ++i) column.push_back(codes.point(i, d));
    const double own = products(column, column);
    if (!(own > least)) continue;
    for (std::size_t f = 0; f < codes.factor_count; ++f) {
      const auto values = values_of(codes, f);
      const double both = products(column, values);
      correlations(d, f) = both * both / (own * products(values, values));
    }
  }
  return correlations;
}

double separated_attribute_predictability(const FactorMatrix& scores) {
  std::vector<double> gaps;
  for (std::size_t f = 0; f < scores.factors; ++f) {
    TopTwo best;
    for (std::size_t d = 0; d < scores.dimensions; ++d) best.add(scores(d, f));
    gaps.push_back(best.gap());
  }
  return mean_of_known(gaps);
}

}  // namespace varia::metrics
