import { startNginx } from './nginx-process.ts'
import { NAMES, type Peer } from './peer.ts'

/** The storage: files, as fast as nginx can give them. */
export function startStorage(root: string): Promise<Peer> {
  return startNginx({
    name: NAMES.storage,
    http: () => 'open_file_cache max=20000 inactive=10m; open_file_cache_valid 10m;',
    server: `root ${root};`,
  })
}

/** A proxy that checks nothing, set up as one would for speed: the ceiling. */
export function startNginxProxy(storage: Peer): Promise<Peer> {
  return startNginx({
    name: NAMES.nginx,
    http: () => upstream(storage),
    server: `location / { ${PROXY} }`,
  })
}

/** The same with files kept: its answer to Postern's memory for small files. */
export function startNginxCache(storage: Peer): Promise<Peer> {
  return startNginx({
    name: NAMES.nginxCache,
    http: (folder) => `${upstream(storage)} ${cacheIn(folder)}`,
    server: `location / { ${PROXY} ${CACHE} }`,
  })
}

/** The storage with keep-alive. */
export function upstream(storage: Peer): string {
  return `upstream storage {
    server ${new URL(storage.origin).host};
    keepalive 128;
    keepalive_requests 1000000000;
  }`
}

/** Inside a location. */
export const PROXY = `proxy_pass http://storage;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffers 16 64k;
      proxy_buffer_size 16k;
      proxy_busy_buffers_size 256k;
      proxy_max_temp_file_size 0;`

/** Files of the cache lie in the kernel's memory after their first use, and stay open. */
export function cacheIn(folder: string): string {
  return `proxy_cache_path ${folder}/cache levels=1:2 keys_zone=files:64m max_size=4g inactive=1h use_temp_path=off;
  open_file_cache max=20000 inactive=10m;
  open_file_cache_valid 10m;`
}

/** Inside a location. As fresh as Postern's by default: asked again after two seconds, once for all who wait. */
export const CACHE = `proxy_cache files;
      proxy_cache_key $uri;
      proxy_cache_valid 200 2s;
      proxy_cache_revalidate on;
      proxy_cache_lock on;`
