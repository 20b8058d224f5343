# RainStorm from the files of this repository alone. What runs in it are programs that read and write lines, so it is a Debian
# with its grep, sed, awk and sort; add what your own programs need:
#
#     FROM rainstorm
#     USER root
#     RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
#     USER node

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without scripts: one of them would bring a Node, which is here.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm pack --ignore-scripts --pack-destination /

FROM node:24-slim
COPY --from=build /rainstorm-*.tgz /tmp/
# Offline: nothing has to be installed beside it.
RUN npm install --global --ignore-scripts --offline --no-audit --no-fund /tmp/rainstorm-*.tgz && rm /tmp/rainstorm-*.tgz \
  && mkdir /data /jobs && chown node:node /data /jobs
USER node
WORKDIR /jobs
ENTRYPOINT ["rainstorm"]
CMD ["--help"]
