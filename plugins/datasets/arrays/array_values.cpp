#include "arrays/array_values.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

namespace varia::datasets {

namespace {

constexpr std::int64_t kMostChannels = 4;
constexpr std::int64_t kLargestLabel = 1'000'000;
/// A greater number may have been rounded when it became a float32.
constexpr float kLargestCount = (1 << 24) - 1;

/// @returns bool: true if a number is of the domain and finite
Tensor is_good(const Tensor& numbers, Domain domain) {
  switch (domain) {
    case Domain::unit:
      return numbers.ge(0).logical_and_(numbers.le(1));
    case Domain::count:
      return numbers.ge(0)
          .logical_and_(numbers.le(kLargestCount))
          .logical_and_(numbers.eq(numbers.round()));
    case Domain::real:
    case Domain::categorical:
      break;
  }
  return numbers.isfinite();
}

/// The shortest text that reads back as the same float32.
std::string float_text(float number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

/// What is wrong with a number, and what to do.
std::string fault_of(float number, const NumberOptions& options) {
  const auto found = float_text(number);
  if (std::isnan(number))
    return "holds NaN. If that is a value that was not observed, set 'missing: nan'.";
  if (std::isinf(number))
    return "holds " + found + "; expected numbers that are finite as float32.";
  if (options.domain == Domain::count) {
    auto fault = "holds " + found + "; expected counts, whole numbers from 0 to " +
                 float_text(kLargestCount) + ".";
    if (options.count_hint) fault.append(" ").append(options.count_hint());
    return fault;
  }
  if (options.rescaling && options.rescaling->range)
    return "holds a number that 'range' maps to " + found + "; expected numbers in the range.";
  if (options.rescaling) {
    return "holds a number that 'scale' and 'offset' make " + found +
           "; expected numbers from 0 to 1. Set others, or 'domain: real'.";
  }
  return "holds " + found +
         "; expected numbers from 0 to 1. Set 'range: [low, high]' to the numbers that stand for 0 "
         "and 1, or 'domain: real'.";
}

}  // namespace

std::string layout_of(const NumberArray& samples, const std::string& asked) {
  const auto& sizes = samples.sizes();
  const auto found = ", found " + samples.shape_text() + ".";
  if (sizes.size() < 2) {
    throw DataError(
        samples.place(),
        "expected rows [N, D], or images [N, H, W], [N, H, W, C] or [N, C, H, W]" + found);
  }
  if (asked == "ND") return asked;
  if (asked != "auto") {
    if (sizes.size() != asked.size())
      throw DataError(samples.place(), "expected images of layout " + asked + found);
    return asked;
  }
  if (sizes.size() == 3) return "NHW";
  if (sizes.size() != 4) return "ND";
  const bool first = sizes[1] <= kMostChannels;
  const bool last = sizes[3] <= kMostChannels;
  if (first == last) {
    throw DataError(samples.place(),
                    "which axis holds the channels? Set 'layout' to NHWC or NCHW, or to ND if "
                    "these are not images" +
                        found);
  }
  return last ? "NHWC" : "NCHW";
}

Tensor in_order(const Tensor& values, const std::string& layout) {
  if (layout == "ND") return values.flatten(1);
  if (layout == "NHW") return values.unsqueeze(1);
  return layout == "NHWC" ? values.permute({0, 3, 1, 2}) : values;
}

void NumberFindings::add(const NumberFindings& other) {
  has_missing = has_missing || other.has_missing;
  if (!bounds || !other.bounds) {
    bounds = bounds ? bounds : other.bounds;
    return;
  }
  bounds =
      Range{std::min(bounds->min, other.bounds->min), std::max(bounds->max, other.bounds->max)};
}

bool are_counts(const Tensor& numbers) {
  return is_good(numbers, Domain::count).all().item<bool>();
}

NumberFindings examine_numbers(
    const Tensor& numbers, const NumberOptions& options,
    const std::function<void(std::int64_t place, const std::string& fault)>& fail) {
  constexpr std::int64_t kBlock = 1 << 20;
  NumberFindings found;
  for (std::int64_t begin = 0; begin < numbers.size(0); begin += kBlock) {
    const auto part = numbers.slice(0, begin, begin + kBlock);
    const auto is_observed = part.isnan().logical_not_();
    auto bad = is_good(part, options.domain).logical_not_();
    if (options.nan_is_missing) bad.logical_and_(is_observed);
    if (bad.any().item<bool>()) {
      require_whole(part.data_ptr());
      const auto place = bad.nonzero()[0].item<std::int64_t>();
      fail(begin + place, fault_of(part[place].item<float>(), options));
    }
    const bool has_missing = options.nan_is_missing && !is_observed.all().item<bool>();
    const auto observed = has_missing ? part.masked_select(is_observed) : part;
    NumberFindings of_part{.has_missing = has_missing, .bounds = {}};
    if (observed.numel() > 0)
      of_part.bounds = Range{observed.min().item<double>(), observed.max().item<double>()};
    found.add(of_part);
  }
  require_whole(numbers.data_ptr());
  return found;
}

NumberFindings check_numbers(const NumberArray& samples, const Tensor& numbers, const Tensor& rows,
                             const NumberOptions& options) {
  const auto width = numbers.numel() / numbers.size(0);
  return examine_numbers(
      numbers.flatten(), options, [&](std::int64_t place, const std::string& fault) {
        const auto row = rows[place / width].item<std::int64_t>();
        throw DataError(samples.place(), "row " + std::to_string(row) + " " + fault);
      });
}

Tensor read_labels(const NumberArray& array, const Tensor& rows) {
  const auto& sizes = array.sizes();
  if (sizes.size() > 2 || (sizes.size() == 2 && sizes[1] != 1)) {
    throw DataError(array.place(), "expected one label for each image, [N], found " +
                                       array.shape_text() + ". Are these 'factors'?");
  }
  if (array.type() == NumberArray::Type::real)
    throw DataError(array.place(), "expected labels that are whole numbers, found floats.");
  const auto labels = array.read(rows, at::kLong).reshape({-1});
  const auto least = labels.min().item<std::int64_t>();
  const auto most = labels.max().item<std::int64_t>();
  if (least < 0 || most > kLargestLabel) {
    throw DataError(array.place(), "expected labels from 0 to " + std::to_string(kLargestLabel) +
                                       ", found " + std::to_string(least < 0 ? least : most) + ".");
  }
  return labels;
}

Tensor read_factors(const NumberArray& array, const Tensor& rows,
                    const std::vector<std::string>& names) {
  if (array.sizes().size() > 2)
    throw DataError(array.place(), "expected factors [N, F], found " + array.shape_text() + ".");
  const auto factors = array.read(rows, at::kFloat).reshape({rows.size(0), -1});
  if (!names.empty() && static_cast<std::int64_t>(names.size()) != factors.size(1)) {
    throw DataError(array.place(), "has " + std::to_string(factors.size(1)) + " factors, but " +
                                       std::to_string(names.size()) + " 'factor_names' are given.");
  }
  if (!at::isfinite(factors).all().item<bool>())
    throw DataError(array.place(), "has factors that are not finite numbers.");
  return factors;
}

}  // namespace varia::datasets
