#pragma once

#include <string>
#include <utility>
#include <vector>

#include "results/records.hpp"
#include "varia/view.hpp"

/// Tensors as the plain values that results files hold.
namespace varia::training {

/// The elements of a tensor as numbers of type T, row by row.
template <class T>
std::vector<T> values_of(const Tensor& tensor) {
  const auto packed = tensor.detach().to(at::kCPU, c10::CppTypeToScalarType<T>::value).contiguous();
  const T* const data = packed.template data_ptr<T>();
  return {data, data + packed.numel()};
}

results::Array to_array(const Tensor& tensor);

/// Lays the tiles of a picture out in a grid, as bytes.
/// @throws TrialError if the tiles are not [rows, columns, C, H, W], or the labels are not theirs
std::pair<results::ViewLayout, results::Picture> compose(const Picture& picture,
                                                         std::int64_t epoch);

/// The points have the names of the classes among their labels, of 100 classes at most.
/// @param class_names see Annotations
/// @throws TrialError if the points are not [n, 2]
results::Points to_points(const Scatter& scatter, const std::vector<std::string>& class_names,
                          std::int64_t epoch);

}  // namespace varia::training
