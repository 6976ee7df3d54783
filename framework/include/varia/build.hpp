#pragma once

#include "varia/batch.hpp"
#include "varia/dataset.hpp"

namespace varia {

class Model;

/// What a component may know when it is made.
struct Build {
  DataSpec data;
  const Split* train = nullptr;  ///< the training split; null for data sets
  Model* model = nullptr;        ///< for losses, metrics and views
};

}  // namespace varia
