#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "arrays/number_array.hpp"
#include "varia/domain.hpp"

/// What a data set makes of an array: samples, labels, factors. Errors name the array and the row.
namespace varia::datasets {

/// The order of the axes of an array of samples.
/// @param asked "auto", or the layout it must have
/// @returns "ND" (rows of numbers), "NHW", "NHWC" or "NCHW"
/// @throws DataError if the array cannot have the layout that is asked for, or several fit
std::string layout_of(const NumberArray& samples, const std::string& asked);

/// Values as [N, C, H, W] or [N, D] from the order of axes in the file; a view of them if possible.
Tensor in_order(const Tensor& values, const std::string& layout);

struct NumberOptions {
  Domain domain = Domain::real;
  std::optional<Rescaling> rescaling;  ///< what became of them, for messages
  bool nan_is_missing = false;         ///< else it is an error
  /// More to say of a number that is not a count. Unset: nothing.
  std::function<std::string()> count_hint = {};
};

struct NumberFindings {
  bool has_missing = false;     ///< true if a number is NaN
  std::optional<Range> bounds;  ///< of those that are not

  /// Adds what was found in other numbers.
  void add(const NumberFindings& other);
};

/// True if all numbers are counts: finite, whole, from 0 and below 2^24, up to which float32 tells
/// them apart.
bool are_counts(const Tensor& numbers);

/// Looks through numbers.
/// @param numbers [n] float32
/// @param fail    throws: it is called with the place of the first number that is not finite or not
///                of the domain, and with what is wrong: "holds 1.5; expected ..."
NumberFindings examine_numbers(
    const Tensor& numbers, const NumberOptions& options,
    const std::function<void(std::int64_t place, const std::string& fault)>& fail);

/// Checks numbers that were read from an array.
/// @param numbers [R, ...] float32
/// @param rows    [R] int64, those that were read
/// @throws DataError if a number is not finite or not of the domain
NumberFindings check_numbers(const NumberArray& samples, const Tensor& numbers, const Tensor& rows,
                             const NumberOptions& options);

/// @returns [R] int64
/// @throws DataError if these are not whole numbers from 0 to 1,000,000, one in each row
Tensor read_labels(const NumberArray& array, const Tensor& rows);

/// @param names of the factors; empty: they have none
/// @returns [R, F] float32
Tensor read_factors(const NumberArray& array, const Tensor& rows,
                    const std::vector<std::string>& names);

}  // namespace varia::datasets
