# One image for every service of docker-compose.yml; scripts/container/start says what each does.
FROM debian:12 AS build
COPY scripts/install-packages scripts/packages.txt /src/scripts/
RUN /src/scripts/install-packages run build
COPY . /src
RUN make -s -C /src -j"$(nproc)" install DESTDIR=/out PREFIX=/usr/local

FROM debian:12
COPY scripts/install-packages scripts/packages.txt /usr/local/lib/hearth/scripts/
RUN /usr/local/lib/hearth/scripts/install-packages run && rm -rf /var/lib/apt/lists/*
COPY scripts/container /usr/local/lib/hearth/scripts/container
COPY --from=build /out/usr/local/bin /usr/local/lib/hearth/bin
RUN ln -s ../lib/hearth/scripts/container/hearth ../lib/hearth/bin/hearth-runner /usr/local/bin/
ENTRYPOINT ["/usr/local/lib/hearth/scripts/container/start"]
CMD ["hearth"]
