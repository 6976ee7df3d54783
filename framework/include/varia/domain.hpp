#pragma once

#include <cstdint>
#include <string>

#include "varia/export.hpp"

namespace varia {

/// What the numbers of data are. A likelihood says of which it is a distribution.
enum class Domain : std::uint8_t {
  unit,         ///< in [0, 1]: the pixels of a picture, a share
  real,         ///< any real number
  count,        ///< whole and not negative
  categorical,  ///< one-hot: one of the block's numbers is 1, the others are 0
};

/// "numbers in [0, 1]", "real numbers", "counts", "categories".
VARIA_API std::string domain_text(Domain domain);

/// The likelihood of such data if neither data set nor model knows a better one: bernoulli,
/// gaussian, negative_binomial, categorical.
VARIA_API std::string default_likelihood(Domain domain);

/// Consecutive numbers of an event that are of one domain. A picture is one block. A row of a table
/// has one block for all its columns of numbers and one for each column of categories.
struct DataBlock {
  Domain domain = Domain::unit;
  std::int64_t size = 0;  ///< how many numbers

  bool operator==(const DataBlock&) const = default;
};

}  // namespace varia
