// Loads data sets of arrays for arrays_test.py, which compares them with what NumPy and h5py read.
//
// Each line of the standard input is a data set and its parameters, `numpy file=x.npz
// range=[0,16]`. The answer to each is either a line `error MESSAGE`, or a line `LIKELIHOOD SIZES
// LABELS`, in which SIZES is the shape of the samples, 5,1,4,4, and LABELS their number or 0; then
// the samples as float32 and the labels as int64.
#include <ATen/Functions.h>

#include <iostream>
#include <sstream>
#include <string>

#include "arrays/hdf5_dataset.hpp"
#include "arrays/numpy_dataset.hpp"
#include "varia/error.hpp"

namespace {

using varia::Value;

Value value_of(const std::string& text) {
  if (!text.starts_with('[')) return Value::scalar(text);
  auto list = Value::list();
  std::istringstream items(text.substr(1, text.size() - 2));
  for (std::string item; std::getline(items, item, ',');) list.push(Value::scalar(item));
  return list;
}

void write(const at::Tensor& values) {
  if (values.defined())
    std::cout.write(static_cast<const char*>(values.data_ptr()),
                    static_cast<std::streamsize>(values.nbytes()));
}

template <class Data>
void answer(const Value& given) {
  typename Data::Params params;
  params.load(given, {});
  const auto samples = Data(params).load("train");
  const auto values = samples->gather(at::arange(samples->size(), at::kLong), at::kCPU);
  const auto& labels = samples->annotations().labels;
  std::cout << params.default_likelihood() << ' ';
  std::string sizes;
  for (const auto size : values.sizes()) sizes += (sizes.empty() ? "" : ",") + std::to_string(size);
  std::cout << sizes << ' ' << (labels.defined() ? labels.size(0) : 0) << '\n';
  write(values);
  write(labels);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    auto given = Value::map();
    for (std::string word; words >> word;) {
      const auto equal = word.find('=');
      given.set(word.substr(0, equal), value_of(word.substr(equal + 1)));
    }
    try {
      if (name == "numpy")
        answer<varia::datasets::NumpyDataset>(given);
      else
        answer<varia::datasets::Hdf5Dataset>(given);
    } catch (const varia::Error& error) {
      std::cout << "error " << error.what() << '\n';
    }
    std::cout.flush();
  }
}
