#include "boosted_trees.hpp"

#include <xgboost/c_api.h>
#include <xgboost/version_config.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "varia/error.hpp"

namespace varia::metrics {

namespace {

constexpr std::size_t kDepth = 3;
constexpr std::size_t kMostNodes = (1U << (kDepth + 1)) - 1;
constexpr double kShrinkage = 0.1;
constexpr std::size_t kOrders = 8;

/// @throws Error if a function of XGBoost failed
void check(int status) {
  if (status == 0) return;
  std::string message = XGBGetLastError();
  throw Error("XGBoost: " + message.substr(0, message.find("\nStack trace")));
}

struct FreeMatrix {
  void operator()(void* it) const { XGDMatrixFree(it); }
};
struct FreeBooster {
  void operator()(void* it) const { XGBoosterFree(it); }
};
using Matrix = std::unique_ptr<void, FreeMatrix>;
using Booster = std::unique_ptr<void, FreeBooster>;

/// The points in float32, as scikit-learn has them, too, with the dimensions in some order.
struct OrderedPoints {
  std::vector<std::size_t> order;  // of each column, the dimension
  Matrix matrix;
};

OrderedPoints ordered_points(const FactorCodes& codes, const std::vector<std::size_t>& order) {
  std::vector<float> points;
  for (std::size_t i = 0; i < codes.count; ++i)
    for (const auto d : order) points.push_back(static_cast<float>(codes.point(i, d)));
  DMatrixHandle handle = nullptr;
  check(XGDMatrixCreateFromMat(points.data(), codes.count, codes.dimensions,
                               std::numeric_limits<float>::quiet_NaN(), &handle));
  return {order, Matrix(handle)};
}

/// Random orders of the dimensions, each followed by its reverse, so that of two dimensions each is
/// the first in half of them.
std::vector<std::vector<std::size_t>> random_orders(std::size_t dimensions,
                                                    const FillUniform& uniform) {
  std::vector<std::vector<std::size_t>> orders;
  std::vector<float> numbers(dimensions);
  while (orders.size() < kOrders) {
    uniform(numbers);
    std::vector<std::size_t> order(dimensions);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t d) { return numbers[d]; });
    orders.push_back(order);
    std::ranges::reverse(order);
    orders.push_back(order);
  }
  return orders;
}

/// Grows a tree for each column of the derivatives, [n, trees].
void grow(BoosterHandle booster, DMatrixHandle points, std::vector<float> gradient,
          std::vector<float> curvature, std::size_t trees) {
#if XGBOOST_VER_MAJOR < 2
  check(XGBoosterBoostOneIter(booster, points, gradient.data(), curvature.data(), gradient.size()));
#else
  // Later versions take several columns by NumPy's array interface alone.
  const auto array = [&](const std::vector<float>& values) {
    return R"({"version": 3, "typestr": "<f4", "data": [)" +
           std::to_string(reinterpret_cast<std::uintptr_t>(values.data())) +
           R"(, true], "shape": [)" + std::to_string(values.size() / trees) + ", " +
           std::to_string(trees) + "]}";
  };
  check(
      XGBoosterTrainOneIter(booster, points, 0, array(gradient).c_str(), array(curvature).c_str()));
#endif
}

/// Trees of regression by squared error, grown at once.
class Trees {
 public:
  /// @param residuals [n, trees], what the trees shall tell from the points
  Trees(const OrderedPoints& points, const std::vector<double>& residuals, std::size_t trees)
      : order_(points.order) {
    BoosterHandle handle = nullptr;
    DMatrixHandle matrix = points.matrix.get();
    check(XGBoosterCreate(&matrix, 1, &handle));
    booster_.reset(handle);
    // With a second derivative of 1 and no penalty, the gain of a split is that of squared error.
    for (const auto& [name, value] : std::array<std::array<std::string, 2>, 8>{
             {{"nthread", "1"},
              {"verbosity", "0"},
              {"tree_method", "exact"},
              {"max_depth", std::to_string(kDepth)},
              {"lambda", "0"},
              {"base_score", "0"},
              {"objective", "reg:squarederror"},
              {"num_class", std::to_string(trees == 1 ? 0 : trees)}}})
      check(XGBoosterSetParam(handle, name.c_str(), value.c_str()));
    std::vector<float> gradient(residuals.size()), curvature(residuals.size(), 1);
    for (std::size_t i = 0; i < residuals.size(); ++i)
      gradient[i] = static_cast<float>(-residuals[i]);
    grow(handle, matrix, std::move(gradient), std::move(curvature), trees);
  }

  /// The leaf of each tree in which each point lies, [n, trees], in [0, kMostNodes).
  std::vector<std::size_t> leaves(const OrderedPoints& points) const {
    const bst_ulong* shape = nullptr;
    bst_ulong width = 0;
    const float* found = nullptr;
    check(XGBoosterPredictFromDMatrix(booster_.get(), points.matrix.get(),
                                      R"({"type": 6, "training": false, "iteration_begin": 0,
                                          "iteration_end": 0, "strict_shape": false})",
                                      &shape, &width, &found));
    bst_ulong count = 1;
    for (bst_ulong i = 0; i < width; ++i) count *= shape[i];
    std::vector<std::size_t> leaves(count);
    for (bst_ulong i = 0; i < count; ++i) leaves[i] = static_cast<std::size_t>(found[i]);
    return leaves;
  }

  /// Adds what the splits of each dimension gain to `gains`, [D].
  void add_gains(std::vector<double>& gains) const {
    bst_ulong count = 0, width = 0;
    const char** names = nullptr;  // "f3" of column 3
    const bst_ulong* shape = nullptr;
    const float* scores = nullptr;
    check(XGBoosterFeatureScore(booster_.get(), R"({"importance_type": "total_gain"})", &count,
                                &names, &width, &shape, &scores));
    for (bst_ulong i = 0; i < count; ++i)
      gains[order_.at(std::stoul(names[i] + 1))] += static_cast<double>(scores[i]);
  }

 private:
  const std::vector<std::size_t>& order_;
  Booster booster_;
};

/// Codes with the scores of each value of one factor, as far as it is learned.
class Scores {
 public:
  /// @param trees  one for each value, or one for the second of two
  /// @param prior  [trees] with which scores begin
  Scores(const FactorCodes& codes, std::size_t factor, const std::vector<double>& prior)
      : trees_(prior.size()) {
    for (std::size_t i = 0; i < codes.count; ++i) {
      values_.push_back(codes.factor(i, factor));
      scores_.insert(scores_.end(), prior.begin(), prior.end());
    }
  }

  /// y - p of each tree's value, [n, trees]
  std::vector<double> residuals() const {
    std::vector<double> residuals(scores_.size());
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const auto* const score = &scores_[i * trees_];
      auto* const residual = &residuals[i * trees_];
      if (trees_ == 1) {
        residual[0] = static_cast<double>(values_[i]) - 1 / (1 + std::exp(-score[0]));
        continue;
      }
      const double largest = *std::max_element(score, score + trees_);
      double sum = 0;
      for (std::size_t t = 0; t < trees_; ++t) sum += std::exp(score[t] - largest);
      for (std::size_t t = 0; t < trees_; ++t)
        residual[t] = static_cast<double>(values_[i] == static_cast<std::int64_t>(t)) -
                      std::exp(score[t] - largest) / sum;
    }
    return residuals;
  }

  /// @param leaves [n, trees]
  /// @param steps  of each leaf of each tree
  void add(const std::vector<std::size_t>& leaves, const std::vector<double>& steps) {
    for (std::size_t i = 0; i < leaves.size(); ++i)
      scores_[i] += steps[i % trees_ * kMostNodes + leaves[i]];
  }

  /// Of some of the codes; NaN of none.
  double accuracy(const Places& places) const {
    std::size_t right = 0;
    for (const auto i : places) {
      const auto* const score = &scores_[i * trees_];
      const auto found = trees_ == 1 ? static_cast<std::int64_t>(score[0] > 0)
                                     : std::max_element(score, score + trees_) - score;
      if (found == values_[i]) ++right;
    }
    return static_cast<double>(right) / static_cast<double>(places.size());
  }

 private:
  std::size_t trees_;
  std::vector<std::int64_t> values_;  // [n]
  std::vector<double> scores_;        // [n, trees]
};

/// A Newton step for each leaf of each tree, [trees, kMostNodes].
std::vector<double> newton_steps(const std::vector<std::size_t>& leaves,
                                 const std::vector<double>& residuals, std::size_t trees) {
  constexpr double kLeast = 1e-150;
  std::vector<double> slopes(trees * kMostNodes), curvatures(trees * kMostNodes);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const auto leaf = i % trees * kMostNodes + leaves[i];
    // p (1 - p), as |y - p| is p or 1 - p.
    const double distance = std::abs(residuals[i]);
    slopes[leaf] += residuals[i];
    curvatures[leaf] += distance * (1 - distance);
  }
  const auto values = static_cast<double>(trees);
  const double scale = kShrinkage * (trees == 1 ? 1 : (values - 1) / values);
  for (std::size_t leaf = 0; leaf < slopes.size(); ++leaf)
    slopes[leaf] = curvatures[leaf] < kLeast ? 0 : scale * slopes[leaf] / curvatures[leaf];
  return slopes;
}

/// Scores by which each value is as probable as among the codes; of the second of two values alone.
std::vector<double> prior_scores(const FactorCodes& codes, std::size_t factor) {
  std::vector<double> scores(static_cast<std::size_t>(codes.values(factor)));
  for (std::size_t i = 0; i < codes.count; ++i)
    scores[static_cast<std::size_t>(codes.factor(i, factor))] += 1;
  for (auto& score : scores) score = std::log(score / static_cast<double>(codes.count));
  if (scores.size() == 2) return {scores[1] - scores[0]};
  return scores;
}

}  // namespace

FactorImportances factor_importances(const FactorCodes& train, const FactorCodes& judged,
                                     const FillUniform& uniform, std::int64_t rounds) {
  check(XGBSetGlobalConfig(R"({"verbosity": 0})"));
  std::vector<OrderedPoints> train_points, judged_points;
  for (const auto& order : random_orders(train.dimensions, uniform)) {
    train_points.push_back(ordered_points(train, order));
    judged_points.push_back(ordered_points(judged, order));
  }
  FactorImportances result{{train.dimensions, train.factor_count}};
  std::vector<double> train_accuracies, accuracies;
  for (std::size_t f = 0; f < train.factor_count; ++f) {
    const auto prior = prior_scores(train, f);
    Scores known(train, f, prior), asked(judged, f, prior);
    std::vector<double> gains(train.dimensions);
    for (std::int64_t round = 0; round < rounds; ++round) {
      const auto order = static_cast<std::size_t>(round) % kOrders;
      const auto residuals = known.residuals();
      const Trees grown(train_points[order], residuals, prior.size());
      const auto leaves = grown.leaves(train_points[order]);
      const auto steps = newton_steps(leaves, residuals, prior.size());
      known.add(leaves, steps);
      asked.add(grown.leaves(judged_points[order]), steps);
      grown.add_gains(gains);
    }
    double sum = 0;
    for (const double gain : gains) sum += gain;
    for (std::size_t d = 0; sum > 0 && d < train.dimensions; ++d)
      result.importances(d, f) = gains[d] / sum;
    train_accuracies.push_back(known.accuracy(places_of_known_values(train, train, f)));
    accuracies.push_back(asked.accuracy(places_of_known_values(train, judged, f)));
  }
  result.train_accuracy = mean_of_known(train_accuracies);
  result.accuracy = mean_of_known(accuracies);
  return result;
}

}  // namespace varia::metrics
