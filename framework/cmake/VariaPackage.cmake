# A Debian package of what `cmake --install` writes, for the release of Debian that it was built on:
#   cmake --build --preset release --target varia_program && (cd build/release && cpack -G DEB)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # packing does not build the tests
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME varia)
set(CPACK_PACKAGE_CONTACT "The Varia maintainers <maintainers@varia.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "experiments with variational autoencoders")
set(CPACK_PACKAGE_DESCRIPTION "Trains variational autoencoders and compares them: a sweep is declared
in one YAML file, and all that it found is in one HDF5 file. Models, losses, metrics and views are
plugins.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
# The libraries that the program and its plugins open, as dpkg-shlibdeps finds them; libvaria is in
# the package itself.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib)
# LibTorch is content with the reference BLAS, which is many times slower. fetch-data calls curl.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libopenblas0-serial | libopenblas0, curl, ca-certificates")
# What building plugins takes.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++, cmake, ninja-build, libtorch-dev")
# What `import varia` takes, and its plots and models.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "python3-h5py, python3-pandas, python3-xarray, python3-xxhash, python3-matplotlib, python3-torch")
include(CPack)
