#include "hdf5_files.hpp"

#include "fixtures.hpp"
#include "support/catch.hpp"

namespace varia::datasets::testing {

Hdf5Writer::Hdf5Writer(const std::filesystem::path& path)
    : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}

void Hdf5Writer::array(const std::string& name, hid_t type, const std::vector<hsize_t>& sizes,
                       const Tensor& values, Storage storage, const std::vector<hsize_t>& chunk) {
  const hdf5::Handle links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links, 1);
  const hdf5::Handle plan(H5Pcreate(H5P_DATASET_CREATE));
  if (storage == Storage::chunked) {
    H5Pset_chunk(plan, static_cast<int>(chunk.size()), chunk.data());
    H5Pset_deflate(plan, 4);
  }
  if (storage == Storage::external) H5Pset_external(plan, "elsewhere", 0, H5F_UNLIMITED);
  const hdf5::Handle space(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr));
  const hdf5::Handle array(H5Dcreate2(file_, name.c_str(), type, space, links, plan, H5P_DEFAULT));
  REQUIRE(array.valid());
  if (!values.defined()) return;
  const auto found = values.scalar_type();
  const hid_t memory = found == torch::kUInt8   ? H5T_NATIVE_UINT8
                       : found == torch::kLong  ? H5T_NATIVE_INT64
                       : found == torch::kFloat ? H5T_NATIVE_FLOAT
                                                : H5T_NATIVE_DOUBLE;
  auto written = sizes;
  written[0] = static_cast<hsize_t>(values.size(0));
  const std::vector<hsize_t> first(sizes.size(), 0);
  const hdf5::Handle rows(
      H5Screate_simple(static_cast<int>(sizes.size()), written.data(), nullptr));
  REQUIRE(H5Sselect_hyperslab(space, H5S_SELECT_SET, first.data(), nullptr, written.data(),
                              nullptr) >= 0);
  REQUIRE(H5Dwrite(array, memory, rows, space, H5P_DEFAULT, values.contiguous().data_ptr()) >= 0);
}

void Hdf5Writer::link(const std::string& name, const std::filesystem::path& file,
                      const std::string& target) {
  REQUIRE(H5Lcreate_external(file.c_str(), target.c_str(), file_, name.c_str(), H5P_DEFAULT,
                             H5P_DEFAULT) >= 0);
}

void Hdf5Writer::link(const std::string& name, const std::string& target) {
  REQUIRE(H5Lcreate_soft(target.c_str(), file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

std::vector<hsize_t> extents(const Tensor& values) {
  return {values.sizes().begin(), values.sizes().end()};
}

Tensor images_of(at::IntArrayRef sizes, std::int64_t most) {
  auto images = at::arange(c10::multiply_integers(sizes)).remainder(most).to(torch::kUInt8);
  images = images.reshape(sizes);
  const auto number = at::arange(sizes[0]);
  auto flat = images.reshape({sizes[0], -1});
  flat.select(1, 0).copy_(number.remainder(most));
  return images;
}

Value options_of(const std::filesystem::path& file, const Options& given) {
  auto map = Value::map();
  map.set("file", Value::text(file.string()));
  for (const auto& [key, text] : given) {
    const auto comma = text.find(", ");
    if (!text.starts_with('[')) {
      map.set(key, Value::scalar(text, false, {"x.yaml", 2, 3}));
    } else if (comma == std::string::npos) {
      map.set(key, Value::list({Value::scalar(text.substr(1, text.size() - 2))}));
    } else {
      map.set(key, Value::list({Value::scalar(text.substr(1, comma - 1)),
                                Value::scalar(text.substr(comma + 2, text.size() - comma - 3))}));
    }
  }
  return map;
}

LoadedParams::LoadedParams(const std::filesystem::path& file, const Options& given) {
  params_.load(options_of(file, given), {nullptr, "dataset hdf5", {"x.yaml", 1, 1}, 0});
}

std::shared_ptr<const Samples> train_of(const std::filesystem::path& file, const Options& given) {
  return LoadedParams(file, given).make().load("train");
}

std::string error_of(const std::filesystem::path& file, const Options& given) {
  return message_of([&] { train_of(file, given); });
}

Tensor all_images(const Samples& samples) {
  return samples.gather(at::arange(samples.size()), at::kCPU);
}

}  // namespace varia::datasets::testing
